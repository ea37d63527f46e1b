#pragma once

#include <fasciwatch.h>
#include <freertos/FreeRTOS.h>
#include <freertos/stream_buffer.h>

/// One way to a host.
class Link {
 public:
  /// Moves bytes of the host to `bytes`; returns how many.
  virtual size_t read(uint8_t* bytes, size_t room) = 0;
  /// Takes bytes of one frame; returns how many. A link of packets takes a whole frame or nothing.
  virtual size_t write(const fasciwatch::Bytes& frame) = 0;
  /// Whether the link was opened anew since this was last asked, so that the host has to start the board
  /// again.
  virtual bool reopened() { return false; }

 protected:
  ~Link() = default;
};

/// Bytes that come in on a task of the radio and are read by the loop.
class Inbox {
 public:
  void put(const void* bytes, size_t size) { xStreamBufferSend(buffer_, bytes, size, 0); }
  size_t take(uint8_t* bytes, size_t room) { return xStreamBufferReceive(buffer_, bytes, room, 0); }

 private:
  static constexpr size_t kSize = 1024;  // bytes: more commands than a host ever has under way
  StreamBufferHandle_t buffer_ = xStreamBufferCreate(kSize, 1);
};
