// What a sketch includes; the Arduino IDE finds the library by this name.
#pragma once

#include "core/battery.h"
#include "core/button.h"
#include "core/device.h"
#include "core/links.h"
#include "core/sample_queue.h"
#include "core/schedule.h"
