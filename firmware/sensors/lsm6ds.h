#pragma once

#include "registers.h"

namespace fasciwatch {

/// STMicroelectronics LSM6DS3 and its like (LSM6DS3TR-C, LSM6DSL, LSM6DSO) at +-2 g. Register numbers: the
/// LSM6DS3 data sheet, DocID026899. An LSM6DSV has other ones.
struct Lsm6ds {
  static constexpr uint8_t kAddress = 0x6A;  // SA0 low; many breakouts pull it high: 0x6B
  static constexpr uint8_t kSampleBytes = 2;
  static constexpr float kScaleMilliG = 0.061f;
  static constexpr int32_t kLowest = -32768;
  static constexpr int32_t kHighest = 32767;

  static bool begin() {
    return write_register(kAddress, 0x12, 0x44) &&  // both bytes of a value from one instant; addresses go up
           write_register(kAddress, 0x10,
                          0x60);  // 416 Hz, so that each of our 200 reads a second is new; +-2 g
  }

  static bool read(int32_t* axes) {
    uint8_t bytes[6];
    if (!read_registers(kAddress, 0x28, bytes, sizeof bytes)) return false;
    for (uint8_t i = 0; i < 3; ++i) axes[i] = static_cast<int16_t>(bytes[2 * i + 1] << 8 | bytes[2 * i]);
    return true;
  }
};

}  // namespace fasciwatch
