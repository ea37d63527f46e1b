#pragma once

#include <string.h>

#include "message.h"

namespace fasciwatch {

/// Whether the bytes are UTF-8 as RFC 3629 has it, as far as their structure tells.
inline bool is_utf8(const uint8_t* text, size_t size) {
  size_t following = 0;
  for (; size > 0; --size, ++text) {
    const bool continues = (*text & 0xC0) == 0x80;
    if (continues != (following > 0)) return false;
    if (continues) {
      --following;
    } else if (*text >= 0xF5 || *text == 0xC0 || *text == 0xC1) {
      return false;
    } else {
      following = *text >= 0xF0 ? 3 : *text >= 0xE0 ? 2 : *text >= 0xC0 ? 1 : 0;
    }
  }
  return following == 0;
}

/// What the wearer chose, kept through power-off. Plain bytes, so that a board can store it as it is.
template <uint8_t kStreams, uint8_t kSites>
struct Settings {
  uint8_t name_size;  // bytes
  uint8_t name[kMaxName];
  Site sites[kStreams][kSites];  // by stream and channel; 0, 0 is not set

  bool set_name(const uint8_t* text, size_t size) {
    if (size > kMaxName || !is_utf8(text, size)) return false;
    memcpy(name, text, size);
    name_size = static_cast<uint8_t>(size);
    return true;
  }
};

/// A value with its CRC, for memory that may be blank or half written.
template <class Value>
struct Sealed {
  Value value;
  uint32_t crc;

  void seal() { crc = crc_of_value(); }
  bool intact() const { return crc == crc_of_value(); }

 private:
  uint32_t crc_of_value() const {
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&value);
    uint32_t reg = kCrcStart;
    for (size_t i = 0; i < sizeof value; ++i) reg = crc32(reg, bytes[i]);
    return ~reg;
  }
};

}  // namespace fasciwatch
