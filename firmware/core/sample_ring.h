#pragma once

#include <string.h>

#include "protocol.h"

namespace fasciwatch {

/// The last instants of a stream, each under its sequence number, in the bytes they are sent in. The memory
/// is the caller's (a static array, or PSRAM). When it is full the oldest instant makes room for the next. A
/// number may have no sample (it could not be taken): one bit an instant says so.
class SampleRing {
 public:
  /// `memory` must outlive the ring and hold at least one instant and its bit.
  void begin(uint8_t* memory, size_t memory_size, size_t instant_size) {
    instant_size_ = instant_size;
    capacity_ = capacity_of(memory_size, instant_size);
    instants_ = memory;
    held_ = memory + capacity_ * instant_size;
  }

  /// How many instants fit: each takes its bytes and one bit.
  static constexpr size_t capacity_of(size_t memory_size, size_t instant_size) {
    return memory_size / (8 * instant_size + 1) * 8;
  }

  size_t capacity() const { return capacity_; }
  uint32_t next() const { return next_; }      // the number that the next instant gets
  uint32_t oldest() const { return oldest_; }  // the first number that may still be held

  bool full() const { return next_ - oldest_ == capacity_; }

  /// The bytes of an instant; nullptr if the number has no sample in the ring.
  const uint8_t* at(uint32_t sequence) const {
    if (ahead(sequence, oldest_) < 0 || ahead(sequence, next_) >= 0) return nullptr;
    const size_t slot = slot_of(sequence);
    const bool held = (held_[slot / 8] >> (slot % 8) & 1) != 0;
    return held ? instants_ + slot * instant_size_ : nullptr;
  }

  bool holds(uint32_t sequence) const { return at(sequence) != nullptr; }

  /// Gives the next number to an instant and returns where its bytes go.
  uint8_t* push() {
    const size_t slot = advance();
    held_[slot / 8] = static_cast<uint8_t>(held_[slot / 8] | 1 << slot % 8);
    return instants_ + slot * instant_size_;
  }

  /// Uses up one number without a sample.
  void skip() {
    const size_t slot = advance();
    held_[slot / 8] = static_cast<uint8_t>(held_[slot / 8] & ~(1 << slot % 8));
  }

 private:
  size_t slot_of(uint32_t sequence) const {
    const size_t back = static_cast<size_t>(next_ - sequence);
    return next_slot_ >= back ? next_slot_ - back : next_slot_ + capacity_ - back;
  }

  size_t advance() {
    if (full()) ++oldest_;
    const size_t slot = next_slot_;
    next_slot_ = slot + 1 == capacity_ ? 0 : slot + 1;
    ++next_;
    return slot;
  }

  uint8_t* instants_ = nullptr;
  uint8_t* held_ = nullptr;  // a bit for each slot
  size_t instant_size_ = 0;  // bytes
  size_t capacity_ = 0;      // instants, a multiple of 8
  size_t next_slot_ = 0;
  uint32_t next_ = 0;
  uint32_t oldest_ = 0;
};

}  // namespace fasciwatch
