#pragma once

#include <Arduino.h>
#include <EEPROM.h>
#include <fasciwatch.h>

/// What an Uno keeps through power-off: who it is, how often it was switched on, what the wearer set.
class Memory {
 public:
  struct Kept {
    uint8_t device_id[fasciwatch::kDeviceIdSize];
    fasciwatch::Settings<2, 1> settings;
  };

  /// Reads what is kept; makes it if this board is new.
  void begin() {
    EEPROM.get(kKeptAt, kept_);
    if (!kept_.intact()) {
      kept_.value = Kept();
      make_device_id(kept_.value.device_id);
      kept_.seal();
      EEPROM.put(kKeptAt, kept_);
    }
  }

  const Kept& kept() const { return kept_.value; }

  /// Counts this boot. The count names it: never 0, another one each time.
  static uint32_t next_boot_id() {
    uint32_t boot_id;
    EEPROM.get(kBootIdAt, boot_id);
    if (++boot_id == 0) ++boot_id;  // blank memory reads as all ones
    EEPROM.put(kBootIdAt, boot_id);
    return boot_id;
  }

  void save(const fasciwatch::Settings<2, 1>& settings) {
    kept_.value.settings = settings;
    kept_.seal();
    unsaved_at_ = 0;
  }

  /// Writes at most one changed byte: that takes the EEPROM 3.4 ms, in which nobody waits for it.
  void work() {
    if (unsaved_at_ == sizeof kept_ || !eeprom_is_ready()) return;
    EEPROM.update(kKeptAt + unsaved_at_, reinterpret_cast<const uint8_t*>(&kept_)[unsaved_at_]);
    ++unsaved_at_;
  }

 private:
  static constexpr int kBootIdAt = 0;
  static constexpr int kKeptAt = 16;

  /// An ATmega328P has no serial number. The noise of open inputs makes one, once.
  static void make_device_id(uint8_t* id) {
    uint32_t low = fasciwatch::kCrcStart;
    uint32_t high = fasciwatch::kCrcStart;
    for (uint16_t reading = 0; reading < 1024; ++reading) {
      low = fasciwatch::crc32(low, static_cast<uint8_t>(analogRead(A1)));
      high = fasciwatch::crc32(high, static_cast<uint8_t>(analogRead(A2)));
    }
    memcpy(id, &low, sizeof low);
    memcpy(id + sizeof low, &high, sizeof high);
  }

  fasciwatch::Sealed<Kept> kept_;
  uint8_t unsaved_at_ = sizeof kept_;
};
