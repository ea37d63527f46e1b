#pragma once

#include <Arduino.h>
#include <EEPROM.h>
#include <fasciwatch.h>

/// What an Uno keeps through power-off: who it is, how often it was switched on, what the wearer set. Each
/// has its own seal, so that power lost while a setting is written never costs the board its name on the
/// wire.
class Memory {
 public:
  struct DeviceId {
    uint8_t bytes[fasciwatch::kDeviceIdSize];
  };
  using Settings = fasciwatch::Settings<2, 1>;

  /// Who this board is; made up when it is new.
  static DeviceId device_id() {
    fasciwatch::Sealed<DeviceId> kept;
    EEPROM.get(kDeviceIdAt, kept);
    if (!kept.intact()) {
      make_up(kept.value.bytes);
      kept.seal();
      EEPROM.put(kDeviceIdAt, kept);
    }
    return kept.value;
  }

  /// Counts this boot. The count names it: never 0, another one each time.
  static uint32_t next_boot_id() {
    uint32_t boot_id;
    EEPROM.get(kBootIdAt, boot_id);
    if (++boot_id == 0) ++boot_id;  // blank memory reads as all ones
    EEPROM.put(kBootIdAt, boot_id);
    return boot_id;
  }

  static Settings settings() {
    fasciwatch::Sealed<Settings> kept;
    EEPROM.get(kSettingsAt, kept);
    return kept.intact() ? kept.value : Settings();
  }

  /// Takes 3.4 ms for each byte that changes; samples that do not fit their queue meanwhile are a gap.
  static void save(const Settings& settings) {
    fasciwatch::Sealed<Settings> kept;
    kept.value = settings;
    kept.seal();
    EEPROM.put(kSettingsAt, kept);
  }

 private:
  static constexpr int kBootIdAt = 0;
  static constexpr int kDeviceIdAt = 16;
  static constexpr int kSettingsAt = 32;

  /// An ATmega328P has no serial number. The noise of open inputs makes one.
  static void make_up(uint8_t* id) {
    uint32_t low = fasciwatch::kCrcStart;
    uint32_t high = fasciwatch::kCrcStart;
    for (uint16_t reading = 0; reading < 1024; ++reading) {
      low = fasciwatch::crc32(low, static_cast<uint8_t>(analogRead(A1)));
      high = fasciwatch::crc32(high, static_cast<uint8_t>(analogRead(A2)));
    }
    memcpy(id, &low, sizeof low);
    memcpy(id + sizeof low, &high, sizeof high);
  }
};
