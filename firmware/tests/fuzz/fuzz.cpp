// Whatever bytes come, in three ways: as they are to the frame reader, as a payload through writer and
// reader, and as commands to a device. Nothing may crash, and everything that a device says must be whole
// frames.
#include <cstdlib>

#include "../../core/command.h"
#include "../../core/device.h"

using namespace fasciwatch;

namespace {

constexpr StreamInfo kEmg = {0, Modality::kEmg, Unit::kMicrovolt, 2, 2, 1000000, 0.5f, -100, 100};
constexpr StreamInfo kAccelerometer = {3, Modality::kAccelerometer, Unit::kMilliG, 3, 3, 200000, 0.1f, -99,
                                       99};
constexpr uint32_t kBootId = 0x01010101;
constexpr uint32_t kLatencyUs = 8000;
constexpr size_t kMostSteps = 96;  // bytes that drive a board: enough to fill its memory, few enough for many inputs

void require(bool holds) {
  if (!holds) abort();
}

/// A reader with little room finds the same frames as one with room for all.
void read(const uint8_t* bytes, size_t size) {
  FrameReader<kMaxPayload> whole;
  FrameReader<8> beginning;
  for (size_t i = 0; i < size; ++i) {
    const Received received = whole.take(bytes[i]);
    require(beginning.take(bytes[i]) == received);
    if (received != Received::kFrame) continue;
    require(beginning.kind() == whole.kind() && whole.body_size() <= kMaxPayload - kMinPayload);
    require(memcmp(beginning.body(), whole.body(), beginning.body_size()) == 0);
    Command command;
    parse(whole.kind(), whole.body(), whole.body_size(), command);
  }
}

/// A payload that fits comes back as it was; one that does not is refused.
void write_and_read(const uint8_t* bytes, size_t size) {
  if (size == 0) return;
  FrameWriter frame;
  frame.begin(static_cast<Kind>(bytes[0]));
  frame.bytes(bytes + 1, size - 1);
  const size_t frame_size = frame.finish();
  require((frame_size == 0) == (size + kCrcSize > kMaxPayload));
  if (frame_size == 0) return;
  require(frame_size == size + kCrcSize + 2 &&
          memchr(frame.data(), 0, frame_size) == frame.data() + frame_size - 1);
  FrameReader<kMaxPayload> reader;
  for (size_t i = 0; i + 1 < frame_size; ++i) require(reader.take(frame.data()[i]) == Received::kNothing);
  require(reader.take(0) == Received::kFrame && reader.kind() == bytes[0] && reader.body_size() == size - 1);
  require(memcmp(reader.body(), bytes + 1, size - 1) == 0);
}

class Strict final : public Board {
  void save_settings() override {}
  bool set_link(uint8_t key, const uint8_t* text, size_t size) override {
    for (size_t i = 0; i < size; ++i) key ^= text[i];  // the sanitizer sees whether the text may be read
    return (key & 1) != 0;
  }
};

/// A board that is driven by the input: each byte but those of a command lets something happen.
class Toy {
 public:
  explicit Toy(bool can_resend) {
    device_.stream(0).begin(kEmg, 0, kLatencyUs, can_resend, emg_, sizeof emg_);
    device_.stream(1).begin(kAccelerometer, 0, kLatencyUs, can_resend, motion_, sizeof motion_);
    device_.begin({{1}, kBootId, {0, 1, 0}, kTakesSettings}, {});
  }

  void drive(const uint8_t* bytes, size_t size) {
    while (size > 0) {
      const uint8_t what = *bytes++;
      --size;
      if ((what & 0x80) != 0) {
        const size_t length = size > 0 ? *bytes % 32 : 0;
        const size_t body = size > 0 && length < size ? length : size > 0 ? size - 1 : 0;
        if (size > 0) obey(what, bytes + 1, body);
        const size_t used = size > 0 ? 1 + body : 0;
        bytes += used;
        size -= used;
      } else {
        happen(what);
      }
    }
  }

 private:
  void obey(uint8_t kind, const uint8_t* body, size_t size) {
    FrameWriter frame;
    frame.begin(static_cast<Kind>(kind));
    frame.bytes(body, size);
    const size_t frame_size = frame.finish();
    for (size_t i = 0; i < frame_size; ++i) device_.receive(frame.data()[i], now_us_);
  }

  void happen(uint8_t what) {
    now_us_ += 1000;
    const int32_t codes[3] = {what, -what, 0};
    if ((what & 1) != 0) device_.stream(0).take(codes);
    if ((what & 2) != 0) device_.stream(1).take(codes);
    if ((what & 4) != 0) device_.stream(0).skip(what);
    if ((what & 8) != 0) deliver(what >> 4);
    if (what == 0x10) device_.press(now_us_);
    if (what == 0x20) device_.link_opened();
    if (what == 0x30) device_.stream(0).contact().lead_off(what);
    if (what == 0x40) device_.receive(what, now_us_);
    if (what == 0x50) now_us_ += 5000000;
  }

  void deliver(size_t frames) {
    for (; frames > 0; --frames) {
      const Bytes bytes = device_.poll(now_us_);
      if (bytes.size == 0) return;
      require(bytes.size <= kMaxFrame && bytes.data[bytes.size - 1] == 0);
      for (size_t i = 0; i < bytes.size; ++i) require(host_.take(bytes.data[i]) != Received::kBad);
      device_.sent(bytes.size);
    }
  }

  Strict board_;
  Device<2, 3, 40> device_{board_};
  FrameReader<kMaxPayload> host_;
  uint64_t now_us_ = 0;
  uint8_t emg_[70];
  uint8_t motion_[80];
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  read(bytes, size);
  write_and_read(bytes, size);
  if (size > 0) Toy((bytes[0] & 1) != 0).drive(bytes + 1, size - 1 < kMostSteps ? size - 1 : kMostSteps);
  return 0;
}
