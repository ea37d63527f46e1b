#include <doctest/doctest.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "../core/battery.h"
#include "../core/button.h"
#include "../core/contact.h"
#include "../core/sample_queue.h"
#include "../core/sample_ring.h"
#include "../core/schedule.h"
#include "../core/settings.h"

using namespace fasciwatch;

namespace {

struct Taken {
  std::vector<int32_t> codes;  // -1 for a number without a sample

  uint32_t next() const { return static_cast<uint32_t>(codes.size()); }
  void skip(uint32_t instants) { codes.insert(codes.end(), instants, -1); }
  void take(const int32_t* instant) { codes.push_back(*instant); }
};

using Queue = SampleQueue<int16_t, 1, 4>;

void push(Queue& queue, int16_t code) {
  queue.push(&code);
}

bool utf8(const char* text) {
  return is_utf8(reinterpret_cast<const uint8_t*>(text), strlen(text));
}

}  // namespace

TEST_CASE("the queue hands instants over in order") {
  Queue queue;
  Taken taken;
  for (int16_t code = 10; code < 13; ++code) push(queue, code);
  queue.drain(taken);
  CHECK(taken.codes == std::vector<int32_t>{10, 11, 12});
}

TEST_CASE("an instant that did not fit the queue leaves its number unused") {
  Queue queue;
  Taken taken;
  for (int16_t code = 0; code < 6; ++code) push(queue, code);
  queue.drain(taken);
  push(queue, 6);
  queue.drain(taken);
  CHECK(taken.codes == std::vector<int32_t>{0, 1, 2, 3, -1, -1, 6});
}

TEST_CASE("an instant that could not be taken leaves its number unused") {
  Queue queue;
  Taken taken;
  queue.skip(2);
  push(queue, 7);
  queue.drain(taken);
  CHECK(taken.codes == std::vector<int32_t>{-1, -1, 7});
}

TEST_CASE("numbers in the queue go on past 65,535") {
  Queue queue;
  Taken taken;
  for (uint32_t n = 0; n < 70000; ++n) {
    push(queue, static_cast<int16_t>(n % 30000));
    queue.drain(taken);
  }
  CHECK(taken.codes.size() == 70000);
  CHECK(taken.codes[69999] == 69999 % 30000);
}

TEST_CASE("between two threads no instant comes twice, out of order or under another's number") {
  SampleQueue<int32_t, 1, 64> queue;
  Taken taken;
  std::atomic<bool> done{false};
  std::thread sampling([&] {
    for (int32_t n = 0; n < 20000; ++n) queue.push(&n);
    done = true;
  });
  while (!done) {
    queue.drain(taken);
    std::this_thread::yield();
  }
  sampling.join();
  queue.drain(taken);
  CHECK(taken.codes.size() >= 64);
  for (size_t n = 0; n < taken.codes.size(); ++n) {
    if (taken.codes[n] != -1) REQUIRE(taken.codes[n] == static_cast<int32_t>(n));
  }
}

TEST_CASE("the ring keeps the newest instants, each under its number") {
  uint8_t memory[34];
  SampleRing ring;
  ring.begin(memory, sizeof memory, 2);
  REQUIRE(ring.capacity() == 16);
  for (uint8_t n = 0; n < 20; ++n) *ring.push() = n;
  CHECK(ring.next() == 20);
  CHECK(ring.oldest() == 4);
  for (uint32_t n = 4; n < 20; ++n) CHECK(*ring.at(n) == n);
  CHECK_FALSE(ring.holds(3));
  CHECK_FALSE(ring.holds(20));
}

TEST_CASE("a skipped number is not held, and its place is used again") {
  uint8_t memory[34];
  SampleRing ring;
  ring.begin(memory, sizeof memory, 2);
  ring.push();
  ring.skip();
  ring.push();
  CHECK(ring.holds(0));
  CHECK_FALSE(ring.holds(1));
  CHECK(ring.holds(2));
  for (int i = 0; i < 16; ++i) ring.push();
  CHECK(ring.holds(17));
}

TEST_CASE("the memory of a ring is never overrun, whatever its size") {
  for (size_t instant = 1; instant <= 45; ++instant) {
    for (size_t memory = 8 * instant + 1; memory < 1000; memory += 7) {
      const size_t capacity = SampleRing::capacity_of(memory, instant);
      REQUIRE(capacity >= 8);
      REQUIRE(capacity * instant + capacity / 8 <= memory);
    }
  }
}

TEST_CASE("the schedule comes due once a period, also where the clock wraps") {
  const uint32_t first_us = 0xFFFFFF00;
  Schedule schedule(first_us, 1000);
  CHECK(schedule.due(first_us - 1) == 0);
  CHECK(schedule.due(first_us) == 1);
  CHECK(schedule.due(first_us + 999) == 0);
  CHECK(schedule.due(first_us + 1000) == 1);
}

TEST_CASE("a late caller learns how many instants have come, and is in step afterwards") {
  Schedule schedule(0, 1000);
  CHECK(schedule.due(3500) == 4);
  CHECK(schedule.due(3999) == 0);
  CHECK(schedule.due(4000) == 1);
}

TEST_CASE("the long clock goes on where the short one wraps") {
  LongClock clock;
  CHECK(clock.at(0xFFFFFFF0) == 0xFFFFFFF0);
  CHECK(clock.at(0x10) == 0x100000010);
}

TEST_CASE("one clipped sample saturates a channel until the next status") {
  Contact contact;
  contact.begin(0, 1023, 1000000);
  contact.sample(0, 512);
  contact.sample(3, 1023);
  contact.sample(5, 0);
  CHECK(contact.take_saturated() == 0x28);
  CHECK(contact.take_saturated() == 0);
  CHECK(contact.off() == 0);
}

TEST_CASE("a channel at the rail for 100 ms has no contact, and has it again after as long off the rail") {
  Contact contact;
  contact.begin(0, 1023, 1000000);
  for (int n = 0; n < 99; ++n) contact.sample(1, 0);
  CHECK(contact.off() == 0);
  contact.sample(1, 0);
  CHECK(contact.off() == 2);
  for (int n = 0; n < 99; ++n) contact.sample(1, 500);
  CHECK(contact.off() == 2);
  contact.sample(1, 500);
  CHECK(contact.off() == 0);
}

TEST_CASE("a signal that clips less than half of the time keeps its contact") {
  Contact contact;
  contact.begin(0, 1023, 1000000);
  for (int n = 0; n < 1000; ++n) contact.sample(0, n % 3 == 0 ? 1023 : 500);
  CHECK(contact.off() == 0);
}

TEST_CASE("what the front end says counts at once") {
  Contact contact;
  contact.begin(0, 1023, 1000000);
  contact.lead_off(5);
  CHECK(contact.off() == 5);
  contact.lead_off(0);
  CHECK(contact.off() == 0);
}

TEST_CASE("slow and fast streams both wait 100 ms, as far as the counter goes") {
  Contact slow, fast;
  slow.begin(0, 1, 1000);
  fast.begin(0, 1, 16000000);
  slow.sample(0, 1);
  CHECK(slow.off() == 1);
  for (int n = 0; n < 254; ++n) fast.sample(0, 1);
  CHECK(fast.off() == 0);
  fast.sample(0, 1);
  CHECK(fast.off() == 1);
}

TEST_CASE("a bouncing button is one press, dated when it went down") {
  Button button;
  CHECK(button.update(true, 100000) == Press::kNone);
  CHECK(button.update(false, 101000) == Press::kNone);
  CHECK(button.update(true, 102000) == Press::kNone);
  CHECK(button.update(false, 250000) == Press::kShort);
  CHECK(button.at_us() == 100000);
  CHECK(button.update(true, 251000) == Press::kNone);
  CHECK(button.update(false, 280000) == Press::kNone);
}

TEST_CASE("holding the button for 3 s is told once, while it is held, and is no press") {
  Button button;
  button.update(true, 100000);
  CHECK(button.update(true, 3099999) == Press::kNone);
  CHECK(button.update(true, 3100000) == Press::kLong);
  CHECK(button.update(true, 9000000) == Press::kNone);
  CHECK(button.update(false, 9100000) == Press::kNone);
}

TEST_CASE("the press that switched the board on is none") {
  Button button(true);
  CHECK(button.update(true, 5000000) == Press::kNone);
  CHECK(button.update(false, 6000000) == Press::kNone);
  CHECK(button.update(true, 7000000) == Press::kNone);
  CHECK(button.update(false, 7200000) == Press::kShort);
}

TEST_CASE("a cell is full at 4.2 V, empty at 3.27 V, and never fuller at a lower voltage") {
  CHECK(lipo_percent(4300) == 100);
  CHECK(lipo_percent(4200) == 100);
  CHECK(lipo_percent(3870) == 60);
  CHECK(lipo_percent(3270) == 0);
  CHECK(lipo_percent(0) == 0);
  for (uint16_t millivolts = 3000; millivolts < 4300; ++millivolts) {
    REQUIRE(lipo_percent(millivolts) <= lipo_percent(static_cast<uint16_t>(millivolts + 1)));
  }
}

TEST_CASE("UTF-8 is told from what is not") {
  CHECK(utf8(""));
  CHECK(utf8("left calf"));
  CHECK(
      utf8("W\xC3\xA4"
           "de \xE5\xB0\x8F \xF0\x9F\xA6\xB5"));
  CHECK_FALSE(utf8("\xC3"));
  CHECK_FALSE(utf8("\xA4"));
  CHECK_FALSE(utf8("\xC3x"));
  CHECK_FALSE(utf8("\xC0\x80"));
  CHECK_FALSE(utf8("\xFF"));
}

TEST_CASE("stored settings that are blank or half written are told from whole ones") {
  Sealed<Settings<1, 1>> stored;
  memset(&stored, 0xFF, sizeof stored);
  CHECK_FALSE(stored.intact());
  stored.value = Settings<1, 1>();
  stored.seal();
  CHECK(stored.intact());
  stored.value.name_size = 1;
  CHECK_FALSE(stored.intact());
}
