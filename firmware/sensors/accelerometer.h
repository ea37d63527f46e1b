#pragma once

#include "../core/device.h"
#include "../core/schedule.h"
#include "registers.h"

namespace fasciwatch {

constexpr uint32_t kAccelerometerMhz = 200000;     // mHz: a twitch wobbles at 10-25 Hz
constexpr uint32_t kAccelerometerPeriodUs = 5000;  // us
constexpr uint8_t kRetryInstants = 200;            // one second between tries to wake a sensor that is gone
constexpr uint32_t kI2cHz = 400000;                // Hz, the fastest that all of them take

/// Polls a three-axis sensor on the board's clock. A sensor that does not answer leaves its numbers unused
/// and shows as "contact off"; it is woken up again when it is back.
template <class Sensor>
class Accelerometer {
 public:
  static constexpr StreamInfo info(uint8_t stream_id) {
    return {stream_id,
            Modality::kAccelerometer,
            Unit::kMilliG,
            3,
            Sensor::kSampleBytes,
            kAccelerometerMhz,
            Sensor::kScaleMilliG,
            Sensor::kLowest,
            Sensor::kHighest};
  }

  void begin(uint32_t first_us) {
    schedule_ = Schedule(first_us, kAccelerometerPeriodUs);
    awake_ = Sensor::begin();
  }

  void sample(Stream& stream, uint32_t now_us) {
    const uint32_t instants = schedule_.due(now_us);
    if (instants == 0) return;
    stream.skip(instants - 1);
    int32_t axes[3];
    if (awake_ && Sensor::read(axes)) {
      stream.take(axes);
    } else {
      stream.skip(1);
      awake_ = ++missed_ % kRetryInstants == 0 && Sensor::begin();
    }
    stream.contact().lead_off(awake_ ? 0 : 7);
  }

 private:
  Schedule schedule_{0, kAccelerometerPeriodUs};
  uint8_t missed_ = 0;
  bool awake_ = false;
};

}  // namespace fasciwatch
