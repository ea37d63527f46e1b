#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "host.h"

using namespace fasciwatch;

namespace {

uint32_t crc_of(const Octets& bytes) {
  uint32_t reg = kCrcStart;
  for (uint8_t byte : bytes) reg = crc32(reg, byte);
  return ~reg;
}

template <size_t kCapacity>
Received feed(FrameReader<kCapacity>& reader, const Octets& bytes) {
  Received last = Received::kNothing;
  for (uint8_t byte : bytes) last = reader.take(byte);
  return last;
}

}  // namespace

TEST_CASE("the CRC is the one of IEEE 802.3: its published check value") {
  CHECK(crc_of({'1', '2', '3', '4', '5', '6', '7', '8', '9'}) == 0xCBF43926);
}

TEST_CASE("a frame holds no zero but its end, and every body of up to 237 bytes comes back") {
  std::mt19937 random(1);
  for (size_t size = 0; size <= kMaxPayload - kMinPayload; ++size) {
    Octets body(size);
    for (uint8_t& byte : body) byte = random() % 3 == 0 ? 0 : static_cast<uint8_t>(random());
    const Octets frame = command(Kind::kSet, body);
    REQUIRE(frame.size() == size + 7);
    REQUIRE(std::find(frame.begin(), frame.end(), 0) == frame.end() - 1);
    FrameReader<kMaxPayload> reader;
    REQUIRE(feed(reader, frame) == Received::kFrame);
    REQUIRE(reader.kind() == static_cast<uint8_t>(Kind::kSet));
    REQUIRE(Octets(reader.body(), reader.body() + reader.body_size()) == body);
  }
}

TEST_CASE("a body that would make the frame longer than 244 bytes is refused") {
  CHECK(command(Kind::kSet, Octets(237)).size() == kMaxFrame);
  CHECK(command(Kind::kSet, Octets(238)).empty());
}

TEST_CASE("any flipped bit, lost byte or doubled byte makes the frame bad") {
  const Octets frame = command(Kind::kSet, {1, 'c', 0, 'l', 'f'});
  for (size_t at = 0; at + 1 < frame.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Octets flipped = frame;
      flipped[at] = static_cast<uint8_t>(flipped[at] ^ 1 << bit);
      FrameReader<16> reader;
      bool found = false;
      for (uint8_t byte : flipped) found |= reader.take(byte) == Received::kFrame;
      CHECK_FALSE(found);
    }
    Octets shorter = frame;
    shorter.erase(shorter.begin() + static_cast<long>(at));
    FrameReader<16> reader;
    CHECK(feed(reader, shorter) == Received::kBad);
    Octets longer = frame;
    longer.insert(longer.begin() + static_cast<long>(at), frame[at]);
    CHECK(feed(reader, longer) == Received::kBad);
  }
}

TEST_CASE("after noise of any length the reader is in step again at the next end of a frame") {
  FrameReader<16> reader;
  CHECK(feed(reader, Octets(5000, 0xA5)) == Received::kNothing);
  CHECK(feed(reader, {0}) == Received::kBad);
  CHECK(feed(reader, command(Kind::kStop)) == Received::kFrame);
}

TEST_CASE("ends of frames without a frame mean nothing") {
  FrameReader<16> reader;
  CHECK(feed(reader, {0, 0, 0}) == Received::kNothing);
}

TEST_CASE("a reader with little room keeps the beginning of a long body and still checks all of it") {
  Octets body(200, 7);
  body[0] = 42;
  FrameReader<4> reader;
  REQUIRE(feed(reader, command(Kind::kIdentify, body)) == Received::kFrame);
  CHECK(reader.body_size() == 4);
  CHECK(reader.body()[0] == 42);
  Octets damaged = command(Kind::kIdentify, body);
  damaged[150] = 8;
  CHECK(feed(reader, damaged) == Received::kBad);
}

TEST_CASE("commands that a later version made longer are read; those too short are not") {
  const struct {
    Kind kind;
    size_t known;
  } commands[] = {{Kind::kQuery, 1},  {Kind::kStart, 4},    {Kind::kStop, 0}, {Kind::kAck, 5},
                  {Kind::kResend, 9}, {Kind::kIdentify, 1}, {Kind::kSet, 1}};
  const Octets body(32, 1);
  for (const auto& known : commands) {
    const uint8_t kind = static_cast<uint8_t>(known.kind);
    Command command;
    CHECK(parse(kind, body.data(), body.size(), command) == Parsed::kCommand);
    CHECK(parse(kind, body.data(), known.known, command) == Parsed::kCommand);
    for (size_t size = 0; size < known.known; ++size) {
      CHECK(parse(kind, body.data(), size, command) == Parsed::kTooShort);
    }
  }
}

TEST_CASE("kinds that are no command are unknown") {
  Command command;
  for (int kind : {0x00, 0x02, 0x80, 0x88, 0xFF}) {
    CHECK(parse(static_cast<uint8_t>(kind), nullptr, 0, command) == Parsed::kUnknown);
  }
}

TEST_CASE("four channels at 1 kHz cost at most 8 % of framing") {
  const size_t instants = kMaxSignal / 8;
  const size_t signal = instants * 8;
  const size_t frame = 2 + 1 + kSamplesHeader + signal + kCrcSize;
  CHECK(instants == 28);
  CHECK(static_cast<double>(frame - signal) / static_cast<double>(signal) <= 0.08);
}
