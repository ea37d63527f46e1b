#pragma once

#include <string.h>

#include "crc32.h"
#include "protocol.h"

namespace fasciwatch {

/// Builds one frame in place: fields go in, COBS and CRC are done on the way, so that no second buffer is
/// needed. A payload of at most 242 bytes never fills a COBS block (254), so each frame has one code byte
/// more than zeros.
class FrameWriter {
 public:
  void begin(Kind kind) {
    size_ = 1;  // room for the first code byte
    code_at_ = 0;
    crc_ = kCrcStart;
    overflow_ = false;
    u8(static_cast<uint8_t>(kind));
  }

  void u8(uint8_t value) {
    crc_ = crc32(crc_, value);
    put(value);
  }
  void u16(uint16_t value) { little_endian(value, 2); }
  void i16(int16_t value) { u16(static_cast<uint16_t>(value)); }
  void u32(uint32_t value) { little_endian(value, 4); }
  void i32(int32_t value) { u32(static_cast<uint32_t>(value)); }
  void u64(uint64_t value) {
    u32(static_cast<uint32_t>(value));
    u32(static_cast<uint32_t>(value >> 32));
  }
  void f32(float value) {
    static_assert(sizeof(float) == 4, "IEEE 754 single precision");
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    u32(bits);
  }
  void bytes(const uint8_t* data, size_t size) {
    while (size-- > 0) u8(*data++);
  }

  /// Ends the frame with its CRC and 0x00. Returns its size in bytes; 0 if it would have been too long.
  size_t finish() {
    const uint32_t crc = ~crc_;
    for (uint8_t shift = 0; shift < 32; shift += 8) put(static_cast<uint8_t>(crc >> shift));
    if (overflow_) return 0;
    frame_[code_at_] = static_cast<uint8_t>(size_ - code_at_);
    frame_[size_++] = 0;
    return size_;
  }

  const uint8_t* data() const { return frame_; }

 private:
  void little_endian(uint32_t value, uint8_t size) {
    for (; size > 0; --size, value >>= 8) u8(static_cast<uint8_t>(value));
  }

  void put(uint8_t byte) {
    if (size_ > kMaxPayload) {
      overflow_ = true;
    } else if (byte != 0) {
      frame_[size_++] = byte;
    } else {
      frame_[code_at_] = static_cast<uint8_t>(size_ - code_at_);
      code_at_ = size_++;
    }
  }

  uint8_t frame_[kMaxFrame];
  uint8_t size_ = 0;
  uint8_t code_at_ = 0;  // where the code byte of the open COBS block goes
  uint32_t crc_ = kCrcStart;
  bool overflow_ = false;
};

}  // namespace fasciwatch
