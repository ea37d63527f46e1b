#pragma once

#include "protocol.h"

namespace fasciwatch {

/// Watches whether the channels of a stream can be believed: a front end's own lead-off signal, and codes at
/// the end of the converter's range. One clipped sample makes a channel saturated; one that is clipped for
/// 100 ms more than it is not has no contact, whether or not the front end can say so.
class Contact {
 public:
  void begin(int32_t lowest, int32_t highest, uint32_t rate_mhz) {
    lowest_ = lowest;
    highest_ = highest;
    const uint32_t patience = rate_mhz / 10000;  // samples in 100 ms
    patience_ = static_cast<uint8_t>(patience < 1 ? 1 : patience > UINT8_MAX ? UINT8_MAX : patience);
  }

  void sample(uint8_t channel, int32_t code) {
    const uint16_t bit = static_cast<uint16_t>(1 << channel);
    uint8_t& clipped = clipped_[channel];
    if (code <= lowest_ || code >= highest_) {
      saturated_ |= bit;
      if (clipped < patience_ && ++clipped == patience_) railed_ |= bit;
    } else if (clipped > 0 && --clipped == 0) {
      railed_ &= static_cast<uint16_t>(~bit);
    }
  }

  /// What the front end itself says: bit n for channel n.
  void lead_off(uint16_t channels) { lead_off_ = channels; }

  /// Bit n: the electrode (or the sensor) of channel n is off.
  uint16_t off() const { return lead_off_ | railed_; }

  /// Bit n: channel n was clipped since this was last asked.
  uint16_t take_saturated() {
    const uint16_t saturated = saturated_;
    saturated_ = 0;
    return saturated;
  }

 private:
  int32_t lowest_ = 0;
  int32_t highest_ = 0;
  uint16_t lead_off_ = 0;
  uint16_t railed_ = 0;
  uint16_t saturated_ = 0;
  uint8_t clipped_[kMaxChannels] = {};  // samples at the rail less samples off it, 0 to patience
  uint8_t patience_ = 1;                // samples
};

}  // namespace fasciwatch
