#pragma once

#include "protocol.h"

namespace fasciwatch {

/// Hands instants from where they are sampled (an interrupt, another task) to the one place where the device
/// lives. One side pushes, the other pops; neither waits. A full queue drops the instant but not its number.
template <class Code, uint8_t kChannels, uint8_t kCapacity>
class SampleQueue {
  static_assert(kCapacity > 0 && (kCapacity & (kCapacity - 1)) == 0 && kCapacity <= 128, "a power of two");

 public:
  struct Instant {
    uint16_t number;  // low 16 bits of the sequence number
    Code codes[kChannels];
  };

  void push(const Code* codes) {
    const uint16_t number = next_number_++;
    const uint8_t head = head_;
    if (static_cast<uint8_t>(head - __atomic_load_n(&tail_, __ATOMIC_ACQUIRE)) >= kCapacity) return;
    Instant& instant = instants_[head % kCapacity];
    instant.number = number;
    for (uint8_t channel = 0; channel < kChannels; ++channel) instant.codes[channel] = codes[channel];
    __atomic_store_n(&head_, static_cast<uint8_t>(head + 1), __ATOMIC_RELEASE);
  }

  /// Passes over numbers whose instants could not be taken.
  void skip(uint16_t instants) { next_number_ = static_cast<uint16_t>(next_number_ + instants); }

  /// Moves everything to `stream` (anything with next, skip and take).
  template <class Stream>
  void drain(Stream& stream) {
    uint8_t tail = tail_;
    while (tail != __atomic_load_n(&head_, __ATOMIC_ACQUIRE)) {
      const Instant instant = instants_[tail % kCapacity];
      __atomic_store_n(&tail_, ++tail, __ATOMIC_RELEASE);
      stream.skip(static_cast<uint16_t>(instant.number - static_cast<uint16_t>(stream.next())));
      int32_t codes[kChannels];
      for (uint8_t channel = 0; channel < kChannels; ++channel) codes[channel] = instant.codes[channel];
      stream.take(codes);
    }
  }

 private:
  Instant instants_[kCapacity];
  uint8_t head_ = 0;  // the pusher's
  uint8_t tail_ = 0;  // the popper's
  uint16_t next_number_ = 0;
};

}  // namespace fasciwatch
