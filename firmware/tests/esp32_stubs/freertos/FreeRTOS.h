#pragma once

#include <stddef.h>
#include <stdint.h>

typedef uint32_t TickType_t;
