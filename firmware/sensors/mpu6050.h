#pragma once

#include "registers.h"

namespace fasciwatch {

/// InvenSense MPU-6050 at +-2 g. Register numbers: its register map, RM-MPU-6000A-00. Sees visible twitches
/// only: its noise hides those of a single motor unit.
struct Mpu6050 {
  static constexpr uint8_t kAddress = 0x68;  // AD0 low
  static constexpr uint8_t kSampleBytes = 2;
  static constexpr float kScaleMilliG = 1000.0f / 16384.0f;
  static constexpr int32_t kLowest = -32768;
  static constexpr int32_t kHighest = 32767;

  static bool begin() {
    return write_register(kAddress, 0x6B, 0x01) &&  // wake up, clock from the gyroscope's oscillator
           write_register(kAddress, 0x1A, 0x02) &&  // low-pass at 94 Hz, below half of our 200 Hz
           write_register(kAddress, 0x1C, 0x00);    // +-2 g
  }

  static bool read(int32_t* axes) {
    uint8_t bytes[6];
    if (!read_registers(kAddress, 0x3B, bytes, sizeof bytes)) return false;
    for (uint8_t i = 0; i < 3; ++i) axes[i] = static_cast<int16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    return true;
  }
};

}  // namespace fasciwatch
