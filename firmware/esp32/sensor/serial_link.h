#pragma once

#include <Arduino.h>
#include <fasciwatch.h>

/// USB: a UART behind a bridge, or the chip's own.
class SerialLink final : public fasciwatch::Link {
 public:
  void begin() {
    Serial.setTxBufferSize(kTxBuffer);
    Serial.begin(kBaud);
  }

  size_t read(uint8_t* bytes, size_t room) override {
    size_t size = 0;
    while (size < room && Serial.available() > 0) bytes[size++] = static_cast<uint8_t>(Serial.read());
    return size;
  }

  size_t write(const fasciwatch::Bytes& frame) override {
    const size_t room = static_cast<size_t>(Serial.availableForWrite());
    return Serial.write(frame.data, frame.size < room ? frame.size : room);
  }

 private:
  static constexpr uint32_t kBaud = 500000;
  static constexpr size_t kTxBuffer = 2048;  // bytes: 40 ms of the line
};
