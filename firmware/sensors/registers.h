// Registers of an I2C device, through Arduino's Wire.
#pragma once

#include <Wire.h>

namespace fasciwatch {

inline bool write_register(uint8_t address, uint8_t reg, uint8_t value) {
  Wire.beginTransmission(address);
  Wire.write(reg);
  Wire.write(value);
  return Wire.endTransmission() == 0;
}

inline bool read_registers(uint8_t address, uint8_t first, uint8_t* values, uint8_t count) {
  Wire.beginTransmission(address);
  Wire.write(first);
  if (Wire.endTransmission(false) != 0 || Wire.requestFrom(address, count) != count) return false;
  for (; count > 0; --count) *values++ = static_cast<uint8_t>(Wire.read());
  return true;
}

}  // namespace fasciwatch
