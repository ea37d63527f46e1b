// The numbers of PROTOCOL.md. The core is C++17 kept to what the Arduino IDE's AVR compiler (gnu++11) takes
// too; it knows no Arduino header and never allocates.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fasciwatch {

constexpr uint8_t kMajor = 1;
constexpr uint8_t kMinor = 0;

constexpr size_t kMaxFrame = 244;              // bytes, 0x00 included: one BLE notification at an MTU of 247
constexpr size_t kMaxPayload = kMaxFrame - 2;  // bytes: COBS adds one code byte, then comes the 0x00
constexpr size_t kCrcSize = 4;                 // bytes
constexpr size_t kMinPayload = 1 + kCrcSize;   // bytes: a kind and its CRC
constexpr size_t kSamplesHeader = 1 + 1 + 4 + 4;  // bytes: stream id, format, sequence, time
constexpr size_t kMaxSignal = kMaxPayload - 1 - kSamplesHeader - kCrcSize;  // bytes of signal in a frame
constexpr size_t kMaxName = 24;                                             // bytes of UTF-8
constexpr uint8_t kMaxChannels = 15;  // the low nibble of a samples frame's format
constexpr uint8_t kDeviceIdSize = 8;  // bytes
constexpr uint8_t kMarkers = 255;     // the stream id that means markers in an ack

enum class Kind : uint8_t {
  kHello = 0x01,
  kSamples = 0x02,
  kStatus = 0x03,
  kMarker = 0x04,
  kGone = 0x05,
  kQuery = 0x81,
  kStart = 0x82,
  kStop = 0x83,
  kAck = 0x84,
  kResend = 0x85,
  kIdentify = 0x86,
  kSet = 0x87,
};

enum class Modality : uint8_t { kEmg = 1, kAccelerometer = 2 };
enum class Unit : uint8_t { kMicrovolt = 1, kMilliG = 2, kCounts = 3 };
enum class Setting : uint8_t { kName = 1, kSite = 2, kFirstLink = 16, kLastLink = 31 };

enum Feature : uint8_t {
  kCanResend = 1 << 0,
  kCanIdentify = 1 << 1,
  kMeasuresBattery = 1 << 2,
  kHasButton = 1 << 3,
  kTakesSettings = 1 << 4,
};

constexpr uint16_t kBatteryNotMeasured = 0;          // mV
constexpr uint8_t kBatteryLevelUnknown = 255;        // %
constexpr int16_t kTemperatureNotMeasured = -32768;  // 0.01 degC

/// How far `a` is ahead of `b`: sequence numbers wrap, so they are compared modulo 2^32.
constexpr int32_t ahead(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b);
}

}  // namespace fasciwatch
