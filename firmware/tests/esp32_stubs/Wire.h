#pragma once

#include <Arduino.h>

class TwoWire {
 public:
  bool begin(int sda, int scl, uint32_t frequency);
  void beginTransmission(uint8_t address);
  uint8_t endTransmission(bool send_stop = true);
  size_t requestFrom(uint8_t address, size_t size);
  size_t write(uint8_t byte);
  int read();
};
extern TwoWire Wire;
