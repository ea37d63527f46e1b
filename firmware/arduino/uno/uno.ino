// fasciwatch on an Arduino Uno or Nano: one EMG channel at 1 kHz, an accelerometer at 200 Hz, over USB.
// It has no memory to send anything again: what the host does not read is lost, and its numbers say so.
#include <Arduino.h>
#include <Wire.h>
#include <avr/sleep.h>
#include <fasciwatch.h>
#include <sensors/accelerometer.h>
#include <sensors/lsm6ds.h>
#include <sensors/mpu6050.h>

#include "config.h"
#include "emg_sampler.h"
#include "front_end.h"
#include "memory.h"

using namespace fasciwatch;

constexpr uint32_t kBaud = 500000;      // exact on a 16 MHz AVR
constexpr uint32_t kLatencyUs = 25000;  // us; short frames, so that encoding one never holds the sensors up
constexpr uint8_t kLeadOffPlusPin = 3;  // LO+ of an AD8232
constexpr uint8_t kLeadOffMinusPin = 4;
constexpr uint8_t kButtonPin = 2;  // to ground
constexpr uint8_t kFirmware[3] = {0, 1, 0};
constexpr FrontEnd kFrontEnd = FASCIWATCH_FRONT_END;
constexpr StreamInfo kEmgInfo = {0, Modality::kEmg, kFrontEnd.unit, 1, 2, kEmgMhz, kFrontEnd.scale, 0, 1023};
using Accelerometer200Hz = Accelerometer<FASCIWATCH_ACCELEROMETER>;

class Uno final : public Board {
 public:
  void save_settings() override;
  bool set_link(uint8_t, const uint8_t*, size_t) override { return false; }
};

Uno uno;
Device<2, 1, 40> device(uno);
Accelerometer200Hz accelerometer;
Button button;
LongClock long_clock;
uint8_t emg_memory[64 * 2 + 8];            // 64 ms
uint8_t accelerometer_memory[16 * 6 + 2];  // 80 ms

static_assert(sizeof device + sizeof emg_memory + sizeof accelerometer_memory + sizeof EmgSampler::queue <=
                  1300,
              "2 kB of RAM also hold Serial, Wire and the stack");

void Uno::save_settings() {
  Memory::save(device.settings());
}

void setup() {
  pinMode(LED_BUILTIN, OUTPUT);
  pinMode(kButtonPin, INPUT_PULLUP);
  const Memory::DeviceId device_id = Memory::device_id();
  Serial.begin(kBaud);
  Wire.begin();
  Wire.setClock(kI2cHz);
  Wire.setWireTimeout(3000, true);  // us; a sensor that is pulled out must not stop the board
  const uint32_t first_us = micros() + kEmgPeriodUs;
  EmgSampler::begin();
  accelerometer.begin(first_us);
  device.stream(0).begin(kEmgInfo, first_us, kLatencyUs, false, emg_memory, sizeof emg_memory);
  device.stream(1).begin(Accelerometer200Hz::info(1), first_us, kLatencyUs, false, accelerometer_memory,
                         sizeof accelerometer_memory);
  Identity identity = {{},
                       Memory::next_boot_id(),
                       {kFirmware[0], kFirmware[1], kFirmware[2]},
                       kCanIdentify | kHasButton | kTakesSettings};
  memcpy(identity.device_id, device_id.bytes, sizeof identity.device_id);
  device.begin(identity, Memory::settings());
  set_sleep_mode(SLEEP_MODE_IDLE);
}

void sample(uint32_t now_us) {
  EmgSampler::queue.drain(device.stream(0));
  accelerometer.sample(device.stream(1), now_us);
  if (kFrontEnd.has_lead_off) {
    device.stream(0).contact().lead_off(digitalRead(kLeadOffPlusPin) | digitalRead(kLeadOffMinusPin));
  }
}

void talk(uint64_t now_us) {
  while (Serial.available() > 0) device.receive(static_cast<uint8_t>(Serial.read()), now_us);
  GPIOR0 = 1;  // so that a simulator can tell what encoding costs: one cycle each
  const Bytes bytes = device.poll(now_us);
  GPIOR0 = 0;
  const size_t room = static_cast<size_t>(Serial.availableForWrite());
  const size_t size = bytes.size < room ? bytes.size : room;
  Serial.write(bytes.data, size);
  device.sent(size);
}

void loop() {
  const uint32_t now_us = micros();
  const uint64_t now_long_us = long_clock.at(now_us);
  sample(now_us);
  if (button.update(digitalRead(kButtonPin) == LOW, now_us) == Press::kShort) {
    device.press(now_long_us - (now_us - button.at_us()));
  }
  talk(now_long_us);
  digitalWrite(LED_BUILTIN, device.identifying(now_long_us) && (now_us >> 17 & 1) != 0 ? HIGH : LOW);
  sleep_mode();  // until the next interrupt, 1 ms at most
}
