#pragma once

#include "FreeRTOS.h"

typedef struct StreamBuffer* StreamBufferHandle_t;
StreamBufferHandle_t xStreamBufferCreate(size_t size, size_t trigger);
size_t xStreamBufferSend(StreamBufferHandle_t buffer, const void* bytes, size_t size, TickType_t wait);
size_t xStreamBufferReceive(StreamBufferHandle_t buffer, void* bytes, size_t room, TickType_t wait);
