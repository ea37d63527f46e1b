#pragma once

#include <fasciwatch.h>

/// An amplifier between the electrodes and A0.
struct FrontEnd {
  fasciwatch::Unit unit;
  float scale;        // units per count
  bool has_lead_off;  // LO+ and LO- tell an electrode that is off
};

/// One count of the converter (5 V, 10 bits) seen at the skin.
constexpr float microvolts_per_count(float gain) {
  return 5.0e6f / 1024.0f / gain;
}

constexpr FrontEnd kMyoWare2 = {fasciwatch::Unit::kMicrovolt, microvolts_per_count(200),
                                false};  // its RAW pin
constexpr FrontEnd kAd8232 = {fasciwatch::Unit::kMicrovolt, microvolts_per_count(1100),
                              true};  // breakout: 100 x 11
constexpr FrontEnd kBioAmpExgPill = {fasciwatch::Unit::kCounts, 1,
                                     false};  // its gain is set by solder and parts
