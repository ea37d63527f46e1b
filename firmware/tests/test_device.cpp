#include <doctest/doctest.h>

#include <string>

#include "host.h"

using namespace fasciwatch;

namespace {

constexpr uint64_t kSecond = 1000000;
constexpr uint32_t kBootId = 77;
constexpr size_t kMemoryOf25s = 25000 * 8 + 25000 / 8;  // bytes: four int16 channels and a bit, at 1 kHz
constexpr StreamInfo kEmg = {0, Modality::kEmg, Unit::kMicrovolt, 4, 2, 1000000, 0.5f, -2048, 2047};
constexpr StreamInfo kAccelerometer = {
    1, Modality::kAccelerometer, Unit::kMilliG, 3, 3, 200000, 0.1f, -30000, 30000};

class KeepingBoard final : public Board {
 public:
  void save_settings() override { ++saved; }
  bool set_link(uint8_t key, const uint8_t* text, size_t size) override {
    if (key > 18) return false;
    link = std::string(reinterpret_cast<const char*>(text), size);
    return true;
  }
  int saved = 0;
  std::string link;
};

/// A board on a wire that carries everything at once while `open`, sampling on its own clock.
class Bench {
 public:
  explicit Bench(bool can_resend = true, size_t emg_memory = 40000) : emg_memory_(emg_memory) {
    const uint8_t features = can_resend ? kCanResend : 0;
    device.stream(0).begin(kEmg, 500, 100000, can_resend, emg_memory_.data(), emg_memory_.size());
    device.stream(1).begin(kAccelerometer, 500, 100000, can_resend, accelerometer_memory_,
                           sizeof accelerometer_memory_);
    device.begin({{1, 2, 3, 4, 5, 6, 7, 8}, kBootId, {1, 2, 3}, features}, {});
    deliver();
  }

  void say(const Octets& bytes) {
    for (uint8_t byte : bytes) device.receive(byte, now_us);
    deliver();
  }

  /// Samples go on being taken; each has its number as its first code.
  void run(uint64_t duration_us) {
    for (const uint64_t end_us = now_us + duration_us; now_us < end_us; now_us += 1000) {
      const int32_t n = static_cast<int32_t>(device.stream(0).next());
      const int32_t emg[4] = {n % 2000, 1, 2, 3};
      device.stream(0).take(emg);
      const int32_t acceleration[3] = {n, -1, -2};
      if (n % 5 == 0) device.stream(1).take(acceleration);
      deliver();
    }
  }

  void deliver() {
    while (open) {
      const Bytes bytes = device.poll(now_us);
      if (bytes.size == 0) return;
      host.read(bytes.data, bytes.size);
      device.sent(bytes.size);
    }
  }

  KeepingBoard board;
  Device<2, 4, 64> device{board};
  Host host;
  uint64_t now_us = 5000;
  bool open = true;

 private:
  std::vector<uint8_t> emg_memory_;
  uint8_t accelerometer_memory_[8000];
};

size_t missing(const Host& host, uint32_t from, uint32_t to) {
  size_t count = 0;
  for (; from != to; ++from) count += host.samples.count(from) == 0;
  return count;
}

}  // namespace

TEST_CASE("before start a board says hello once a second and nothing else") {
  Bench bench;
  bench.run(10 * kSecond);
  CHECK(bench.host.count(Kind::kHello) == 10);
  CHECK(bench.host.frames.size() == 10);
  CHECK(bench.host.bad_frames == 0);
}

TEST_CASE("hello says who the board is and what it measures") {
  Bench bench;
  bench.run(2 * kSecond);
  const Frame& hello = bench.host.last(Kind::kHello);
  CHECK(hello.body[0] == 1);
  CHECK(hello.body[2] == 1);
  CHECK(hello.u32(10) == kBootId);
  CHECK(hello.body[25] == kCanResend);
  CHECK(hello.body[26] == 0);
  CHECK(hello.body[27] == 2);
  const size_t streams[] = {28, 28 + 29 + 8};
  CHECK(hello.body[streams[0] + 3] == 4);
  CHECK(hello.u32(streams[0] + 5) == 1000000);
  CHECK(hello.body[streams[1]] == 1);
  CHECK(hello.u32(streams[1] + 25) == (hello.u32(streams[0] + 25) + 4) / 5);
  CHECK(hello.body.size() == streams[1] + 29 + 2);
}

TEST_CASE("a start with another boot's id is answered with hello and starts nothing") {
  Bench bench;
  bench.say(start(kBootId + 1));
  CHECK(bench.host.count(Kind::kHello) == 2);
  CHECK_FALSE(bench.device.started());
}

TEST_CASE("once started, live samples come in order, complete, dated by their number") {
  Bench bench;
  bench.run(kSecond / 2);
  bench.say(start(kBootId));
  const uint32_t first = bench.device.stream(0).next();
  bench.run(2 * kSecond);
  CHECK(*bench.host.samples.begin() == first);
  CHECK(missing(bench.host, first, first + 1980) == 0);
  uint32_t expected = first;
  for (const Frame& frame : bench.host.frames) {
    if (frame.kind != Kind::kSamples || frame.body[0] != 0) continue;
    CHECK(frame.u32(2) == expected);
    CHECK(frame.u32(6) == 500 + expected * 1000);
    CHECK(frame.u16(10) == expected % 2000);
    expected += 28;
  }
}

TEST_CASE("a sample waits at most 100 ms for its frame to fill") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(2 * kSecond);
  for (const Frame& frame : bench.host.frames) {
    if (frame.kind == Kind::kSamples && frame.body[0] == 1)
      CHECK(frame.body.size() == kSamplesHeader + 20 * 9);
  }
}

TEST_CASE("starting twice is harmless") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(kSecond);
  bench.say(start(kBootId));
  bench.run(kSecond);
  CHECK(missing(bench.host, 0, 1980) == 0);
}

TEST_CASE("stopped, a board that can resend keeps sampling, and the host can fetch what it missed") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(kSecond);
  bench.say(command(Kind::kStop));
  const size_t frames = bench.host.count(Kind::kSamples);
  bench.run(kSecond);
  CHECK(bench.host.count(Kind::kSamples) == frames);
  bench.say(start(kBootId));
  bench.say(resend(0, 980, 2000));
  bench.run(kSecond);
  CHECK(missing(bench.host, 0, 2980) == 0);
}

TEST_CASE("a query is answered with hello, also while started") {
  Bench bench;
  bench.say(start(kBootId));
  const size_t before = bench.host.count(Kind::kHello);
  bench.say(command(Kind::kQuery, {1}));
  CHECK(bench.host.count(Kind::kHello) == before + 1);
}

TEST_CASE("a status comes at the start, every 10 s, and when a contact changes") {
  Bench bench;
  bench.say(start(kBootId));
  CHECK(bench.host.count(Kind::kStatus) == 1);
  bench.run(30 * kSecond + 1000);
  CHECK(bench.host.count(Kind::kStatus) == 4);
  bench.device.stream(0).contact().lead_off(4);
  bench.run(kSecond);
  CHECK(bench.host.count(Kind::kStatus) == 5);
  CHECK(bench.host.last(Kind::kStatus).u16(14 + 13) == 4);
}

TEST_CASE("a flickering contact does not flood the link") {
  Bench bench;
  bench.say(start(kBootId));
  for (int n = 0; n < 1000; ++n) {
    bench.device.stream(0).contact().lead_off(static_cast<uint16_t>(n % 2));
    bench.run(1000);
  }
  CHECK(bench.host.count(Kind::kStatus) <= 11);
}

TEST_CASE("the status carries battery, temperature and which channels were clipped") {
  Bench bench;
  bench.device.health({3900, 64, -512});
  const int32_t clipped[4] = {0, 2047, 0, -2048};
  bench.device.stream(0).take(clipped);
  bench.say(start(kBootId));
  const Frame& status = bench.host.last(Kind::kStatus);
  CHECK(status.u16(8) == 3900);
  CHECK(status.body[10] == 64);
  CHECK(static_cast<int16_t>(status.u16(11)) == -512);
  CHECK(status.u16(14 + 15) == 0xA);
}

TEST_CASE("a press is told at once and every second until it is acknowledged") {
  Bench bench;
  bench.say(start(kBootId));
  bench.device.press(bench.now_us);
  bench.run(3 * kSecond + 1000);
  CHECK(bench.host.count(Kind::kMarker) == 4);
  bench.say(ack(kMarkers, 1));
  bench.run(3 * kSecond);
  CHECK(bench.host.count(Kind::kMarker) == 4);
}

TEST_CASE("presses before the start are kept, the oldest make room, and their numbers tell it") {
  Bench bench;
  for (int press = 0; press < 6; ++press) bench.device.press(bench.now_us);
  bench.say(start(kBootId));
  CHECK(bench.host.count(Kind::kMarker) == 4);
  CHECK(bench.host.last(Kind::kMarker).u16(0) == 5);
  bench.say(ack(kMarkers, 5));
  bench.run(kSecond + 1000);
  CHECK(bench.host.count(Kind::kMarker) == 5);
}

TEST_CASE("what cannot be is ignored and counted") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(kSecond);
  const struct {
    const char* what;
    Octets bytes;
  } impossible[] = {
      {"ack beyond what was sent", ack(0, 5000)},
      {"ack of a stream that is not there", ack(9, 1)},
      {"ack of presses that never were", ack(kMarkers, 1)},
      {"resend with from after to", resend(0, 10, 9)},
      {"resend beyond the next number", resend(0, 10, 1001)},
      {"resend of a stream that is not there", resend(9, 1, 2)},
      {"a command too short", command(Kind::kStart, {1, 2})},
      {"an unknown setting", command(Kind::kSet, {99, 1})},
      {"a link setting that the board does not have", command(Kind::kSet, {31, 'x'})},
      {"a name too long", command(Kind::kSet, Octets{1} + Octets(25, 'x'))},
      {"a name that is not UTF-8", command(Kind::kSet, {1, 0xFF})},
      {"a site of a channel that is not there", command(Kind::kSet, {2, 0, 4, 22, 1})},
      {"a site of a second accelerometer channel", command(Kind::kSet, {2, 1, 1, 22, 1})},
      {"a site cut short", command(Kind::kSet, {2, 0, 0, 22})},
  };
  uint16_t ignored = 0;
  for (const auto& thing : impossible) {
    CAPTURE(std::string(thing.what));
    bench.say(thing.bytes);
    CHECK(bench.device.ignored().bad_commands == ++ignored);
  }
  bench.say(command(static_cast<Kind>(0x99)));
  CHECK(bench.device.ignored().unknown_kinds == 1);
  bench.say({5, 1, 0});
  CHECK(bench.device.ignored().bad_frames == 1);
  CHECK(bench.board.saved == 0);
  bench.run(kSecond);
  CHECK(missing(bench.host, 0, 1980) == 0);
}

TEST_CASE("name, site and link settings are kept and shown in the answering hello") {
  Bench bench;
  bench.say(command(Kind::kSet, {1, 'c', 'a', 'l', 'f'}));
  bench.say(command(Kind::kSet, {2, 0, 3, 76, 1}));
  CHECK(bench.board.saved == 2);
  const Frame& hello = bench.host.last(Kind::kHello);
  CHECK(std::string(hello.body.begin() + 27, hello.body.begin() + 31) == "calf");
  CHECK(hello.body[32 + 29 + 6] == 76);
  CHECK(hello.body[32 + 29 + 7] == 1);
  bench.say(command(Kind::kSet, {16, 'h', 'o', 'm', 'e'}));
  CHECK(bench.board.link == "home");
  CHECK(bench.board.saved == 2);
}

TEST_CASE("identify blinks for as long as was asked") {
  Bench bench;
  bench.say(command(Kind::kIdentify, {2}));
  CHECK(bench.device.identifying(bench.now_us));
  CHECK_FALSE(bench.device.identifying(bench.now_us + 2 * kSecond));
}

TEST_CASE(
    "samples that could not be taken are a hole in the numbers, counted as lost, and gone when asked for") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(100000);
  bench.device.stream(0).skip(10);
  bench.run(100000);
  bench.say(resend(0, 90, 120));
  bench.run(100000);
  CHECK(missing(bench.host, 0, 100) == 0);
  CHECK(missing(bench.host, 100, 110) == 10);
  CHECK(missing(bench.host, 110, 250) == 0);
  CHECK(bench.host.gone.size() == 10);
  CHECK(*bench.host.gone.begin() == 100);
  CHECK(bench.device.stream(0).lost() == 10);
}

TEST_CASE("what was overwritten before it was asked for is gone, to the sample") {
  Bench bench(true, 1000 * 8 + 125);
  bench.say(start(kBootId));
  bench.run(3 * kSecond);
  bench.say(ack(0, 2900));
  bench.host.gone.clear();
  bench.say(resend(0, 1500, 2500));
  CHECK(bench.host.gone.size() == 500);
  CHECK(*bench.host.gone.rbegin() == 1999);
  bench.host.gone.clear();
  bench.say(resend(0, 100, 110));
  CHECK(bench.host.gone.size() == 10);
}

TEST_CASE("a resend of two thousand million numbers is answered at once with what is gone") {
  Stream stream;
  uint8_t memory[100 * 8 + 13];
  const int32_t codes[4] = {};
  stream.begin(kEmg, 0, 1000, true, memory, sizeof memory);
  for (int n = 0; n < 10; ++n) stream.take(codes);
  REQUIRE(stream.resend(0x80000001, 0));
  for (int n = 0; n < 1000; ++n) stream.take(codes);
  FrameWriter frame;
  REQUIRE(stream.write_resend(frame));
  frame.finish();
  FrameReader<9> reader;
  size_t at = 0;
  while (reader.take(frame.data()[at]) != Received::kFrame) ++at;
  CHECK(read_u32(reader.body() + 1) == 0x80000001);
  CHECK(read_u32(reader.body() + 5) == 0);
  CHECK_FALSE(stream.write_resend(frame));
}

TEST_CASE("a later resend for the same stream replaces an unfinished one") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(kSecond);
  bench.host.frames.clear();
  bench.open = false;
  bench.say(resend(0, 0, 980));
  bench.say(resend(0, 100, 101));
  bench.open = true;
  bench.deliver();
  CHECK(bench.host.count(Kind::kSamples) == 1);
  CHECK(bench.host.last(Kind::kSamples).u32(2) == 100);
}

TEST_CASE("what was not sent at all yet comes once, live, however early it is asked for") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(kSecond);
  bench.open = false;
  bench.run(kSecond);
  bench.say(resend(0, 0, 2000));
  bench.host.frames.clear();
  bench.open = true;
  bench.run(kSecond);
  size_t instants = 0;
  for (const Frame& frame : bench.host.frames) {
    if (frame.kind == Kind::kSamples && frame.body[0] == 0 && frame.u32(2) >= 980) {
      instants += (frame.body.size() - kSamplesHeader) / 8;
    }
  }
  CHECK(instants <= 3000 - 980);
  CHECK(missing(bench.host, 0, 2968) == 0);
}

TEST_CASE("the number after the last may be asked for: it brings nothing") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(kSecond);
  bench.host.frames.clear();
  bench.say(resend(0, 1000, 1000));
  CHECK(bench.device.ignored().bad_commands == 0);
  CHECK(bench.host.frames.empty());
}

TEST_CASE("a new link is silent until the host starts it again, and begins with an end of frame") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(kSecond);
  bench.device.link_opened();
  CHECK(bench.device.poll(bench.now_us).size == 1);
  CHECK(*bench.device.poll(bench.now_us).data == 0);
  const size_t frames = bench.host.count(Kind::kSamples);
  bench.run(kSecond);
  CHECK(bench.host.count(Kind::kSamples) == frames);
}

TEST_CASE("a link that takes a few bytes at a time gets every frame whole") {
  Bench bench;
  bench.open = false;
  bench.say(start(kBootId));
  for (int n = 0; n < 2000; ++n) {
    bench.run(1000);
    const Bytes bytes = bench.device.poll(bench.now_us);
    const size_t taken = bytes.size < 13 ? bytes.size : 13;
    bench.host.read(bytes.data, taken);
    bench.device.sent(taken);
  }
  CHECK(bench.host.bad_frames == 0);
  CHECK(missing(bench.host, 0, 1900) == 0);
}

TEST_CASE("25 s of memory: nothing is missing after the link stalled for 20 s") {
  Bench bench(true, kMemoryOf25s);
  bench.say(start(kBootId));
  bench.run(10 * kSecond);
  bench.say(ack(0, 9968));
  bench.open = false;
  bench.run(20 * kSecond);
  bench.open = true;
  bench.run(kSecond);
  CHECK(missing(bench.host, 0, 30968) == 0);
  CHECK(bench.host.gone.empty());
  CHECK(bench.device.stream(0).lost() == 0);
}

TEST_CASE("25 s of memory: after the link stalled for 60 s the loss is stated to the sample") {
  Bench bench(true, kMemoryOf25s);
  bench.say(start(kBootId));
  bench.run(10 * kSecond);
  bench.say(ack(0, 9968));
  bench.open = false;
  bench.run(60 * kSecond);
  bench.open = true;
  bench.deliver();
  CHECK(*bench.host.gone.begin() == 9968);
  CHECK(bench.host.gone.size() == 70000 - 25000 - 9968);
  CHECK(bench.device.stream(0).lost() == bench.host.gone.size());
  CHECK(missing(bench.host, 45000, 69968) == 0);
  CHECK(missing(bench.host, 0, 45000) == 45000 - 9996);
}

TEST_CASE("memory that fills up without a host is not news to a host that starts later") {
  Bench bench(true, 1000);
  bench.run(10 * kSecond);
  bench.say(start(kBootId));
  bench.run(1500000);
  CHECK(bench.host.gone.size() < 2000);
  CHECK(*bench.host.gone.begin() > 9000);
}

TEST_CASE("a board that cannot resend loses what does not fit, counts it, and says so in the numbers") {
  Bench bench(false, 200 * 8 + 25);
  bench.say(start(kBootId));
  bench.run(kSecond);
  bench.open = false;
  bench.run(kSecond);
  bench.open = true;
  bench.run(kSecond);
  const size_t gap = missing(bench.host, 0, 2960);
  CHECK(gap > 700);
  CHECK(bench.device.stream(0).lost() == gap);
  CHECK(bench.host.gone.empty());
  CHECK(bench.host.bad_frames == 0);
}

TEST_CASE("a board that cannot resend says so: nothing held, and gone when asked") {
  Bench bench(false);
  bench.say(start(kBootId));
  bench.run(kSecond);
  bench.say(resend(0, 10, 20));
  bench.say(command(Kind::kQuery, {1}));
  CHECK(bench.host.gone.size() == 10);
  const Frame& hello = bench.host.last(Kind::kHello);
  CHECK(hello.u32(28 + 21) == hello.u32(28 + 25));
}

TEST_CASE("on a board that cannot resend, sent and lost are all there ever was") {
  Bench bench(false, 200 * 8 + 25);
  bench.run(kSecond);
  bench.say(start(kBootId));
  bench.run(kSecond);
  bench.say(command(Kind::kStop));
  bench.run(kSecond);
  bench.say(start(kBootId));
  CHECK(bench.host.samples.size() + bench.device.stream(0).lost() == bench.device.stream(0).next());
}

TEST_CASE("old samples asked for do not hold the new ones up") {
  Bench bench;
  bench.say(start(kBootId));
  bench.run(4 * kSecond);
  bench.host.samples.clear();
  bench.open = false;
  bench.say(resend(0, 0, 3900));
  for (int n = 0; n < 1000; ++n) {  // room for 20 bytes a millisecond, twice what is live
    bench.run(1000);
    Bytes bytes = bench.device.poll(bench.now_us);
    const size_t taken = bytes.size < 20 ? bytes.size : 20;
    bench.host.read(bytes.data, taken);
    bench.device.sent(taken);
  }
  CHECK(missing(bench.host, 4000, 4900) == 0);
  CHECK(bench.host.samples.count(0) == 1);
}
