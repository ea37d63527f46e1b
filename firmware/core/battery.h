#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fasciwatch {

/// Roughly how full a single lithium-polymer cell is, in %, from its voltage at a light load. The curve is a
/// typical one and flat in its middle: good for "charge it tonight", not for counting hours.
inline uint8_t lipo_percent(uint16_t millivolts) {
  struct Point {
    uint16_t millivolts;
    uint8_t percent;
  };
  static const Point kCurve[] = {{3270, 0},  {3610, 5},  {3690, 10}, {3770, 30},
                                 {3870, 60}, {4020, 80}, {4200, 100}};
  const size_t points = sizeof kCurve / sizeof *kCurve;
  if (millivolts <= kCurve[0].millivolts) return 0;
  for (size_t i = 1; i < points; ++i) {
    const Point& below = kCurve[i - 1];
    const Point& above = kCurve[i];
    if (millivolts < above.millivolts) {
      const uint32_t part =
          static_cast<uint32_t>(millivolts - below.millivolts) * (above.percent - below.percent);
      return static_cast<uint8_t>(below.percent + part / (above.millivolts - below.millivolts));
    }
  }
  return 100;
}

}  // namespace fasciwatch
