// The far side of the wire, as the tests need it: reads what a device says and writes commands.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>
#include <utility>
#include <vector>

#include "../core/command.h"
#include "../core/device.h"

namespace fasciwatch {

using Octets = std::vector<uint8_t>;

inline Octets command(Kind kind, const Octets& body = {}) {
  FrameWriter frame;
  frame.begin(kind);
  frame.bytes(body.data(), body.size());
  const size_t size = frame.finish();
  return Octets(frame.data(), frame.data() + size);
}

inline Octets u32s(std::initializer_list<uint32_t> values) {
  Octets bytes;
  for (uint32_t value : values) {
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<uint8_t>(value >> shift));
  }
  return bytes;
}

inline Octets operator+(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Octets start(uint32_t boot_id) {
  return command(Kind::kStart, u32s({boot_id}));
}
inline Octets ack(uint8_t stream, uint32_t upto) {
  return command(Kind::kAck, Octets{stream} + u32s({upto}));
}
inline Octets resend(uint8_t stream, uint32_t from, uint32_t to) {
  return command(Kind::kResend, Octets{stream} + u32s({from, to}));
}

struct Frame {
  Kind kind;
  Octets body;

  uint32_t u32(size_t at) const { return read_u32(body.data() + at); }
  uint16_t u16(size_t at) const { return static_cast<uint16_t>(body[at] | body[at + 1] << 8); }
};

/// Collects what a device says. Samples go, by number, to `samples`; `gone` holds the numbers said to be
/// gone.
class Host {
 public:
  void read(const uint8_t* bytes, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      const Received received = reader_.take(bytes[i]);
      if (received == Received::kBad) ++bad_frames;
      if (received == Received::kFrame) take({static_cast<Kind>(reader_.kind()), body()});
    }
  }

  size_t count(Kind kind) const {
    size_t found = 0;
    for (const Frame& frame : frames) found += frame.kind == kind;
    return found;
  }

  const Frame& last(Kind kind) const {
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
      if (frame->kind == kind) return *frame;
    }
    throw kind;
  }

  std::vector<Frame> frames;
  std::set<uint32_t> samples, gone;  // sequence numbers of stream 0
  size_t bad_frames = 0;

 private:
  Octets body() const { return Octets(reader_.body(), reader_.body() + reader_.body_size()); }

  void take(const Frame& frame) {
    frames.push_back(frame);
    if (frame.kind == Kind::kSamples && frame.body[0] == 0) {
      const size_t instant = static_cast<size_t>(frame.body[1] & 15) * (frame.body[1] >> 4);
      const size_t instants = (frame.body.size() - kSamplesHeader) / instant;
      for (uint32_t i = 0; i < instants; ++i) samples.insert(frame.u32(2) + i);
    } else if (frame.kind == Kind::kGone && frame.body[0] == 0) {
      for (uint32_t n = frame.u32(1); n != frame.u32(5); ++n) gone.insert(n);
    }
  }

  FrameReader<kMaxPayload> reader_;
};

}  // namespace fasciwatch
