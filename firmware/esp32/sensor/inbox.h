#pragma once

#include <freertos/FreeRTOS.h>
#include <freertos/stream_buffer.h>

/// Bytes that come in on a task of the radio and are read by the loop.
class Inbox {
 public:
  void put(const void* bytes, size_t size) { xStreamBufferSend(buffer_, bytes, size, 0); }
  size_t take(uint8_t* bytes, size_t room) { return xStreamBufferReceive(buffer_, bytes, room, 0); }

 private:
  static constexpr size_t kSize = 1024;  // bytes: more commands than a host ever has under way
  StreamBufferHandle_t buffer_ = xStreamBufferCreate(kSize, 1);
};
