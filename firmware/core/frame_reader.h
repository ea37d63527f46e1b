#pragma once

#include "crc32.h"
#include "protocol.h"

namespace fasciwatch {

enum class Received : uint8_t { kNothing, kFrame, kBad };

/// Finds frames in a stream of bytes, one byte at a time, whatever the bytes are. Holds the first `kCapacity`
/// bytes of a body and checks the CRC over all of it: a board with little RAM can so read the known part of a
/// command that a later version made longer.
template <size_t kCapacity>
class FrameReader {
 public:
  /// Takes the next byte. On kFrame, `kind`, `body` and `body_size` hold until the next call.
  Received take(uint8_t byte) {
    if (byte == 0) return end();
    if (encoded_ >= kMaxFrame) return Received::kNothing;  // too long: wait for its 0x00
    ++encoded_;
    if (block_left_ > 0) {
      --block_left_;
      decoded(byte);
    } else {
      if (encoded_ > 1) decoded(0);
      block_left_ = static_cast<uint8_t>(byte - 1);
    }
    return Received::kNothing;
  }

  uint8_t kind() const { return kind_; }
  const uint8_t* body() const { return body_; }
  size_t body_size() const { return body_size_; }

 private:
  void decoded(uint8_t byte) {
    crc_ = crc32(crc_, byte);
    if (payload_ == 0) {
      kind_ = byte;
    } else if (payload_ <= kCapacity) {
      body_[payload_ - 1] = byte;
    }
    ++payload_;
  }

  Received end() {
    const bool empty = encoded_ == 0;
    const bool good =
        encoded_ < kMaxFrame && block_left_ == 0 && payload_ >= kMinPayload && crc_ == kCrcResidue;
    if (good) {
      const size_t sent = payload_ - kMinPayload;
      body_size_ = sent < kCapacity ? sent : kCapacity;
    }
    encoded_ = payload_ = 0;
    block_left_ = 0;
    crc_ = kCrcStart;
    if (empty) return Received::kNothing;
    return good ? Received::kFrame : Received::kBad;
  }

  uint8_t body_[kCapacity];
  size_t body_size_ = 0;
  uint8_t encoded_ = 0;  // bytes since the last 0x00, kMaxFrame at most
  uint8_t payload_ = 0;  // bytes decoded from them
  uint32_t crc_ = kCrcStart;
  uint8_t block_left_ = 0;  // bytes until the next COBS code byte
  uint8_t kind_ = 0;
};

}  // namespace fasciwatch
