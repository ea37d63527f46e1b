// A board of an ESP32's size as a library, so that the host in Python can talk to the core itself.
#include <memory>
#include <vector>

#include "../core/device.h"

using namespace fasciwatch;

namespace {

constexpr StreamInfo kEmg = {0, Modality::kEmg, Unit::kMicrovolt, 4, 2, 1000000, 0.5f, -32768, 32767};
constexpr uint32_t kLatencyUs = 100000;
constexpr Identity kIdentity = {
    {1, 2, 3, 4, 5, 6, 7, 8}, 41, {0, 1, 0}, kCanResend | kHasButton | kTakesSettings};

class Forgetful final : public Board {
  void save_settings() override {}
  bool set_link(uint8_t, const uint8_t*, size_t) override { return false; }
};

struct SmallBoard {
  explicit SmallBoard(size_t memory_size) : memory(memory_size) {
    device.stream(0).begin(kEmg, 0, kLatencyUs, true, memory.data(), memory.size());
    device.begin(kIdentity, {});
  }

  std::vector<uint8_t> memory;
  Forgetful board;
  Device<1, 4, 242> device{board};
};

}  // namespace

extern "C" {

SmallBoard* board_new(size_t memory_size) {
  return new SmallBoard(memory_size);
}
void board_free(SmallBoard* board) {
  delete board;
}
void board_take(SmallBoard* board, const int32_t* codes) {
  board->device.stream(0).take(codes);
}
void board_skip(SmallBoard* board, uint32_t instants) {
  board->device.stream(0).skip(instants);
}
void board_press(SmallBoard* board, uint64_t now_us) {
  board->device.press(now_us);
}
uint32_t board_lost(SmallBoard* board) {
  return board->device.stream(0).lost();
}

void board_receive(SmallBoard* board, const uint8_t* bytes, size_t size, uint64_t now_us) {
  for (size_t i = 0; i < size; ++i) board->device.receive(bytes[i], now_us);
}

/// Moves at most `limit` bytes to `to`; returns how many.
size_t board_send(SmallBoard* board, uint8_t* to, size_t limit, uint64_t now_us) {
  size_t size = 0;
  while (size < limit) {
    const Bytes bytes = board->device.poll(now_us);
    if (bytes.size == 0) break;
    const size_t taken = bytes.size < limit - size ? bytes.size : limit - size;
    memcpy(to + size, bytes.data, taken);
    board->device.sent(taken);
    size += taken;
  }
  return size;
}
}
