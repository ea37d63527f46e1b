#include <doctest/doctest.h>

#include "../core/links.h"
#include "host.h"

using namespace fasciwatch;

namespace {

constexpr uint64_t kSecond = 1000000;
constexpr uint32_t kBootId = 5;
constexpr StreamInfo kEmg = {0, Modality::kEmg, Unit::kMicrovolt, 1, 2, 1000000, 1.0f, -2048, 2047};

class Deaf final : public Board {
  void save_settings() override {}
  bool set_link(uint8_t, const uint8_t*, size_t) override { return false; }
};

/// A link with a host at its end.
class Wire final : public Link {
 public:
  size_t read(uint8_t* bytes, size_t room) override {
    const size_t size = said.size() < room ? said.size() : room;
    std::copy(said.begin(), said.begin() + static_cast<long>(size), bytes);
    said.erase(said.begin(), said.begin() + static_cast<long>(size));
    return size;
  }

  size_t write(const Bytes& frame) override {
    if (busy) return 0;
    host.read(frame.data, frame.size);
    return frame.size;
  }

  bool reopened() override {
    const bool was = anew;
    anew = false;
    return was;
  }

  Octets said;
  Host host;
  bool busy = false;
  bool anew = false;
};

struct Bench {
  Bench() {
    device.stream(0).begin(kEmg, 0, 10000, true, memory, sizeof memory);
    device.begin({{1}, kBootId, {0, 1, 0}, kCanResend}, {});
  }

  void run(uint64_t duration_us) {
    for (const uint64_t end_us = now_us + duration_us; now_us < end_us; now_us += 1000) {
      const int32_t code = 1;
      device.stream(0).take(&code);
      links.run(now_us);
    }
  }

  uint8_t memory[4000];
  Deaf board;
  Device<1, 1, 64> device{board};
  Wire usb, radio;
  Link* const both[2] = {&usb, &radio};
  Links<Device<1, 1, 64>, 2> links{device, both};
  uint64_t now_us = 0;
};

}  // namespace

TEST_CASE("every link is greeted until one of them starts the board") {
  Bench bench;
  bench.run(3 * kSecond);
  CHECK(bench.usb.host.count(Kind::kHello) == 3);
  CHECK(bench.radio.host.count(Kind::kHello) == 3);
  bench.radio.said = start(kBootId);
  bench.run(3 * kSecond);
  CHECK(bench.radio.host.count(Kind::kSamples) > 290);
  CHECK(bench.usb.host.count(Kind::kSamples) == 0);
  CHECK(bench.usb.host.count(Kind::kHello) <= 4);
}

TEST_CASE("a board that belongs to a link does not listen to another one") {
  Bench bench;
  bench.radio.said = start(kBootId);
  bench.run(kSecond);
  bench.usb.said = command(Kind::kStop);
  bench.run(kSecond);
  CHECK(bench.device.started());
  CHECK(bench.radio.host.count(Kind::kSamples) > 190);
}

TEST_CASE("when its host has been silent for 15 s, another one can have it") {
  Bench bench;
  bench.radio.said = start(kBootId);
  bench.run(16 * kSecond);
  bench.usb.said = start(kBootId);
  bench.run(kSecond);
  CHECK(bench.usb.host.count(Kind::kSamples) > 90);
}

TEST_CASE("a link that was opened anew has to start the board again") {
  Bench bench;
  bench.radio.said = start(kBootId);
  bench.run(kSecond);
  bench.radio.anew = true;
  bench.run(kSecond);
  CHECK_FALSE(bench.device.started());
  bench.usb.anew = true;
  bench.radio.said = start(kBootId);
  bench.run(kSecond);
  CHECK(bench.device.started());
}

TEST_CASE("a packet that the link could not take is offered again") {
  Bench bench;
  bench.radio.said = start(kBootId);
  bench.run(kSecond);
  const size_t before = bench.radio.host.samples.size();
  bench.radio.busy = true;
  bench.run(kSecond);
  bench.radio.busy = false;
  bench.run(kSecond);
  CHECK(bench.radio.host.samples.size() - before > 1980);
  CHECK(bench.radio.host.bad_frames == 0);
}
