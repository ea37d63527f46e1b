#pragma once

#include <Preferences.h>

#include "sensor_device.h"

/// What the board keeps through power-off, in the chip's own flash.
class Store {
 public:
  static constexpr uint8_t kSsid = 16, kPassword = 17, kMqttUrl = 18;  // keys of PROTOCOL.md, 6

  void begin() { flash_.begin("fasciwatch"); }

  SensorDevice::DeviceSettings settings() {
    SensorDevice::DeviceSettings settings = {};
    if (flash_.getBytesLength("settings") == sizeof settings) {
      flash_.getBytes("settings", &settings, sizeof settings);
    }
    return settings;
  }

  void save(const SensorDevice::DeviceSettings& settings) {
    flash_.putBytes("settings", &settings, sizeof settings);
  }

  String link(uint8_t key) { return flash_.getString(name(key), ""); }

  /// False if there is no such setting.
  bool set_link(uint8_t key, const uint8_t* text, size_t size) {
    if (key > kMqttUrl || !fasciwatch::is_utf8(text, size) || memchr(text, 0, size) != nullptr) return false;
    String value;
    value.concat(reinterpret_cast<const char*>(text), size);
    flash_.putString(name(key), value);
    return true;
  }

 private:
  static const char* name(uint8_t key) {
    return key == kSsid ? "ssid" : key == kPassword ? "password" : "mqtt";
  }

  Preferences flash_;
};
