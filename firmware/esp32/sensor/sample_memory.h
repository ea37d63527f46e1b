#pragma once

#include <Arduino.h>
#include <esp_heap_caps.h>
#include <fasciwatch.h>

constexpr size_t kReserve = 60000;         // bytes of internal RAM left to the radio and TLS
constexpr uint32_t kHoldInternalS = 25;    // s: what PROTOCOL.md expects of an ESP32
constexpr uint32_t kHoldPsramS = 300;      // s: PSRAM has room for more
constexpr uint32_t kLeastInstants = 1000;  // below this the board is not worth starting

/// Memory for the samples of one stream, taken once, at the start: PSRAM if there is any, else what internal
/// RAM can spare.
struct SampleMemory {
  uint8_t* bytes;
  size_t size;

  static SampleMemory claim(const fasciwatch::StreamInfo& info) {
    const uint32_t caps = psramFound() ? MALLOC_CAP_SPIRAM : MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT;
    const size_t reserve = psramFound() ? 0 : kReserve;
    const size_t largest = heap_caps_get_largest_free_block(caps);
    const size_t spare = largest > reserve ? largest - reserve : 0;
    const uint32_t instants = info.rate_mhz / 1000 * (psramFound() ? kHoldPsramS : kHoldInternalS);
    const size_t wanted = instants * info.instant_size() + instants / 8;
    const size_t size = wanted < spare ? wanted : spare;
    if (size < kLeastInstants * info.instant_size()) abort();
    return {static_cast<uint8_t*>(heap_caps_malloc(size, caps)), size};
  }
};
