#pragma once

#include "registers.h"

namespace fasciwatch {

/// Analog Devices ADXL355 at +-2 g, 20 bits. Register numbers: its data sheet, rev. C.
struct Adxl355 {
  static constexpr uint8_t kAddress = 0x1D;  // ASEL low
  static constexpr uint8_t kSampleBytes = 3;
  static constexpr float kScaleMilliG = 1.0f / 256.0f;  // 256,000 counts a g
  static constexpr int32_t kLowest = -524288;
  static constexpr int32_t kHighest = 524287;

  static bool begin() {
    return write_register(kAddress, 0x28, 0x03) &&  // 500 Hz, low-pass at 125 Hz
           write_register(kAddress, 0x2C, 0x81) &&  // I2C in high-speed mode as from reset, +-2 g
           write_register(kAddress, 0x2D, 0x02);    // measure; no temperature needed to do so
  }

  static bool read(int32_t* axes) {
    uint8_t bytes[9];
    if (!read_registers(kAddress, 0x08, bytes, sizeof bytes)) return false;
    for (uint8_t i = 0; i < 3; ++i) {
      const uint8_t* from = bytes + 3 * i;
      const uint32_t left = static_cast<uint32_t>(from[0]) << 24 | static_cast<uint32_t>(from[1]) << 16 |
                            static_cast<uint32_t>(from[2]) << 8;
      axes[i] = static_cast<int32_t>(left) / 4096;  // 20 bits, left-justified
    }
    return true;
  }
};

}  // namespace fasciwatch
