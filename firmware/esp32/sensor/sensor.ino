// fasciwatch on an ESP32, S3 or C3: EMG by the chip's converter at 1 kHz, an accelerometer at 200 Hz; to the
// host over USB, Bluetooth Low Energy or Wi-Fi. It keeps what it measured and sends it again when asked.
#include <Arduino.h>
#include <Wire.h>
#include <fasciwatch.h>
#include <sensors/accelerometer.h>

#include "ble_link.h"
#include "emg_sampler.h"
#include "mqtt_link.h"
#include "power.h"
#include "sample_memory.h"
#include "sensor_device.h"
#include "serial_link.h"
#include "store.h"
#include "wiring.h"

using namespace fasciwatch;

constexpr uint8_t kFirmware[3] = {0, 1, 0};
constexpr char kFirmwareText[] = "0.1.0";
constexpr uint32_t kLatencyUs = 100000;     // us: fuller frames cost the radio less
constexpr uint32_t kHealthEveryMs = 10000;  // ms
constexpr float kEmgScale = kAdcRangeUv / 4096 / kEmgGain;
constexpr StreamInfo kEmgInfo = {
    0, Modality::kEmg, Unit::kMicrovolt, kEmgChannels, 2, kEmgMhz, kEmgScale, 0, 4095};

class Esp32 final : public Board {
 public:
  void save_settings() override;
  bool set_link(uint8_t key, const uint8_t* text, size_t size) override;
};

Esp32 board;
Store store;
SensorDevice device(board);
EmgSampler emg;
Accelerometer<MotionSensor> accelerometer;
Button button;
SerialLink serial;
BleLink ble;
MqttLink mqtt(device);
Link* const kLinks[] = {&serial, &ble, &mqtt};
Links<SensorDevice, 3> links(device, kLinks);
Identity identity;
Health health = kHealthNotMeasured;
bool network_changed = false;

static_assert(sizeof(SensorDevice) + sizeof(EmgSampler) < 4096, "besides the sample memory");

void Esp32::save_settings() {
  store.save(device.settings());
}

bool Esp32::set_link(uint8_t key, const uint8_t* text, size_t size) {
  const bool kept = store.set_link(key, text, size);
  network_changed = network_changed || kept;
  return kept;
}

void identify_self() {
  const uint64_t chip = ESP.getEfuseMac();
  memcpy(identity.device_id, &chip, sizeof identity.device_id);
  do {
    identity.boot_id = esp_random();
  } while (identity.boot_id == 0);
  memcpy(identity.firmware, kFirmware, sizeof identity.firmware);
  identity.features = kCanResend | kCanIdentify | kMeasuresBattery | kHasButton | kTakesSettings;
}

void start_sampling() {
  const uint64_t first_us = static_cast<uint64_t>(esp_timer_get_time()) + kEmgPeriodUs;
  const StreamInfo motion_info = Accelerometer<MotionSensor>::info(1);
  const SampleMemory motion_memory = SampleMemory::claim(motion_info);
  const SampleMemory emg_memory = SampleMemory::claim(kEmgInfo);
  device.stream(0).begin(kEmgInfo, first_us, kLatencyUs, true, emg_memory.bytes, emg_memory.size);
  device.stream(1).begin(motion_info, first_us, kLatencyUs, true, motion_memory.bytes, motion_memory.size);
  device.begin(identity, store.settings());
  accelerometer.begin(static_cast<uint32_t>(first_us));
  emg.begin(static_cast<uint32_t>(first_us));
}

void setup() {
  pinMode(kButtonPin, INPUT_PULLUP);
  pinMode(kLightPin, OUTPUT);
  button = Button(digitalRead(kButtonPin) == LOW);
  identify_self();
  store.begin();
  serial.begin();
  ble.begin(identity.device_id, kFirmwareText);
  mqtt.begin(store, identity.device_id);
  Wire.begin(kSdaPin, kSclPin, kI2cHz);
  start_sampling();
}

void watch_button(uint64_t now_us) {
  const uint32_t now = static_cast<uint32_t>(now_us);
  switch (button.update(digitalRead(kButtonPin) == LOW, now)) {
    case Press::kShort:
      device.press(now_us - (now - button.at_us()));
      break;
    case Press::kLong:
      switch_off();
    default:
      break;
  }
}

void watch_health() {
  static uint32_t measured_ms = millis() - kHealthEveryMs;
  if (millis() - measured_ms < kHealthEveryMs) return;
  measured_ms = millis();
  health = measure_health();
  device.health(health);
}

void show_hello(uint64_t now_us) {
  static uint32_t shown_ms = 0;
  if (millis() - shown_ms < 1000) return;
  shown_ms = millis();
  FrameWriter hello;
  device.write_hello_now(hello, now_us);
  const size_t size = hello.finish();
  ble.show({hello.data(), size}, health.battery_percent);
}

void loop() {
  const uint64_t now_us = static_cast<uint64_t>(esp_timer_get_time());
  emg.drain(device.stream(0));
  accelerometer.sample(device.stream(1), static_cast<uint32_t>(now_us));
  watch_button(now_us);
  watch_health();
  show_hello(now_us);
  links.run(now_us);
  mqtt.run(millis());
  if (network_changed) mqtt.begin(store, identity.device_id);
  network_changed = false;
  digitalWrite(kLightPin, device.identifying(now_us) && (now_us >> 17 & 1) != 0 ? HIGH : LOW);
  delay(1);  // the radio's tasks need the processor too
}
