#pragma once

#include <stdint.h>

namespace fasciwatch {

constexpr uint32_t kBounceUs = 20000;  // us; contacts of small push buttons settle within a few ms
constexpr uint32_t kHoldUs = 3000000;  // us; long enough that nobody switches the sensor off by leaning on it

enum class Press : uint8_t { kNone, kShort, kLong };

/// Debounces a push button and tells a press from holding it. A press counts when the button is let go;
/// `at_us` says when it went down.
class Button {
 public:
  /// A button that is down at the start, as it switched the board on, is no press.
  explicit Button(bool down = false) : down_(down) {}

  Press update(bool down, uint32_t now_us) {
    if (down != down_ && now_us - changed_us_ >= kBounceUs) {
      down_ = down;
      changed_us_ = now_us;
      if (down) {
        at_us_ = now_us;
        told_ = false;
      } else if (!told_) {
        return Press::kShort;
      }
    }
    if (down_ && !told_ && now_us - at_us_ >= kHoldUs) {
      told_ = true;
      return Press::kLong;
    }
    return Press::kNone;
  }

  uint32_t at_us() const { return at_us_; }

 private:
  uint32_t changed_us_ = 0;
  uint32_t at_us_ = 0;
  bool down_;
  bool told_ = true;
};

}  // namespace fasciwatch
