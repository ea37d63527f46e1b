#pragma once

#include <stdint.h>

namespace fasciwatch {

/// Says when a sampling instant has come, on a clock of wrapping microseconds. A late caller learns how many
/// instants it missed, so that the numbers stay in step with the time.
class Schedule {
 public:
  Schedule(uint32_t first_us, uint32_t period_us) : next_us_(first_us), period_us_(period_us) {}

  /// How many instants have come since the last call: all but the last were missed.
  uint32_t due(uint32_t now_us) {
    const uint32_t late_us = now_us - next_us_;
    if (static_cast<int32_t>(late_us) < 0) return 0;
    const uint32_t instants = 1 + late_us / period_us_;
    next_us_ += instants * period_us_;
    return instants;
  }

 private:
  uint32_t next_us_;
  uint32_t period_us_;
};

/// Makes 64 bits of a microsecond counter that wraps every 71.6 minutes; ask it at least that often.
class LongClock {
 public:
  uint64_t at(uint32_t now_us) {
    now_us_ += static_cast<uint32_t>(now_us - static_cast<uint32_t>(now_us_));
    return now_us_;
  }

 private:
  uint64_t now_us_ = 0;
};

}  // namespace fasciwatch
