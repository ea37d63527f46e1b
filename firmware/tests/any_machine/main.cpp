// The golden vectors and a minute of a device's life, on whatever machine this is compiled for: the last line
// that it prints must be the same on all of them.
#include "../../core/device.h"
#include "../vectors.h"
#include "machine.h"

using namespace fasciwatch;

namespace {

constexpr StreamInfo kEmg = {0, Modality::kEmg, Unit::kMicrovolt, 4, 2, 1000000, 0.5f, -32768, 32767};
constexpr uint32_t kLatencyUs = 100000;

class Forgetful final : public Board {
  void save_settings() override {}
  bool set_link(uint8_t, const uint8_t*, size_t) override { return false; }
};

uint8_t memory[25000];

/// The CRC of everything that a device says in a minute.
uint32_t a_minute() {
  Forgetful board;
  Device<1, 4, 242> device(board);
  device.stream(0).begin(kEmg, 0, kLatencyUs, true, memory, sizeof memory);
  device.begin({{1, 2, 3, 4, 5, 6, 7, 8}, 41, {0, 1, 0}, kCanResend}, {});
  FrameWriter start;
  start.begin(Kind::kStart);
  start.u32(41);
  const size_t start_size = start.finish();
  for (size_t i = 0; i < start_size; ++i) device.receive(start.data()[i], 0);
  uint32_t crc = kCrcStart;
  for (int32_t n = 0; n < 60000; ++n) {
    const int32_t codes[4] = {n % 30011, -n % 29989, n % 10007, n % 199};
    device.stream(0).take(codes);
    const Bytes bytes = device.poll(static_cast<uint64_t>(n) * 1000);
    for (size_t i = 0; i < bytes.size; ++i) crc = crc32(crc, bytes.data[i]);
    device.sent(bytes.size);
  }
  return ~crc;
}

void say(const char* text) {
  write_out(text, strlen(text));
}

void say_hex(uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) write_out(&"0123456789abcdef"[value >> shift & 15], 1);
}

}  // namespace

int main() {
  say(sizeof(void*) == 4 ? "32 bits\n" : "64 bits\n");
  const char* wrong = first_wrong_vector();
  say(wrong != nullptr ? wrong : "all golden vectors as in Python");
  say("; a minute: ");
  say_hex(a_minute());
  say("\n");
  return wrong != nullptr;
}
