// What a board says: PROTOCOL.md, 3, field by field.
#pragma once

#include "frame_writer.h"

namespace fasciwatch {

struct Site {
  uint8_t muscle, side;  // PROTOCOL.md, 7; passed on, not understood
};

/// What stays the same about a stream as long as the board runs.
struct StreamInfo {
  uint8_t id;
  Modality modality;
  Unit unit;
  uint8_t channels;
  uint8_t sample_bytes;  // 2 or 3
  uint32_t rate_mhz;
  float scale;              // units per count, above 0
  int32_t lowest, highest;  // codes that the converter gives when it is driven beyond its range

  constexpr size_t instant_size() const { return static_cast<size_t>(channels) * sample_bytes; }
  constexpr uint8_t sites() const { return modality == Modality::kAccelerometer ? 1 : channels; }
  constexpr uint32_t period_us() const { return 1000000000 / rate_mhz; }
};

struct Hello {
  uint8_t device_id[kDeviceIdSize];
  uint32_t boot_id;
  uint64_t device_time_us;
  uint8_t firmware[3];
  uint8_t features;
  const uint8_t* name;
  uint8_t name_size;  // bytes
  uint8_t streams;    // how many follow
};

/// Begins a hello; each of its streams follows with `write_stream`.
inline void write_hello(FrameWriter& frame, const Hello& hello) {
  frame.begin(Kind::kHello);
  frame.u8(kMajor);
  frame.u8(kMinor);
  frame.bytes(hello.device_id, kDeviceIdSize);
  frame.u32(hello.boot_id);
  frame.u64(hello.device_time_us);
  frame.bytes(hello.firmware, 3);
  frame.u8(hello.features);
  frame.u8(hello.name_size);
  frame.bytes(hello.name, hello.name_size);
  frame.u8(hello.streams);
}

inline void write_stream(FrameWriter& frame, const StreamInfo& info, uint32_t oldest_held, uint32_t next,
                         const Site* sites) {
  frame.u8(info.id);
  frame.u8(static_cast<uint8_t>(info.modality));
  frame.u8(static_cast<uint8_t>(info.unit));
  frame.u8(info.channels);
  frame.u8(info.sample_bytes);
  frame.u32(info.rate_mhz);
  frame.f32(info.scale);
  frame.i32(info.lowest);
  frame.i32(info.highest);
  frame.u32(oldest_held);
  frame.u32(next);
  for (uint8_t i = 0; i < info.sites(); ++i) {
    frame.u8(sites[i].muscle);
    frame.u8(sites[i].side);
  }
}

/// Begins a samples frame; the instants' bytes follow.
inline void write_samples(FrameWriter& frame, const StreamInfo& info, uint32_t sequence, uint32_t time_us) {
  frame.begin(Kind::kSamples);
  frame.u8(info.id);
  frame.u8(static_cast<uint8_t>(info.sample_bytes << 4 | info.channels));
  frame.u32(sequence);
  frame.u32(time_us);
}

struct Status {
  uint64_t device_time_us;
  uint16_t battery_mv;
  uint8_t battery_percent;
  int16_t temperature_cdegc;  // 0.01 degC
  uint8_t streams;            // how many follow
};

struct StreamStatus {
  uint8_t id;
  uint32_t next, oldest_held, lost;
  uint16_t contact_off, saturated;  // bit n: channel n
};

/// Begins a status; each of its streams follows with `write_stream_status`.
inline void write_status(FrameWriter& frame, const Status& status) {
  frame.begin(Kind::kStatus);
  frame.u64(status.device_time_us);
  frame.u16(status.battery_mv);
  frame.u8(status.battery_percent);
  frame.i16(status.temperature_cdegc);
  frame.u8(status.streams);
}

inline void write_stream_status(FrameWriter& frame, const StreamStatus& status) {
  frame.u8(status.id);
  frame.u32(status.next);
  frame.u32(status.oldest_held);
  frame.u32(status.lost);
  frame.u16(status.contact_off);
  frame.u16(status.saturated);
}

inline void write_marker(FrameWriter& frame, uint16_t number, uint64_t pressed_us) {
  frame.begin(Kind::kMarker);
  frame.u16(number);
  frame.u64(pressed_us);
}

inline void write_gone(FrameWriter& frame, uint8_t stream, uint32_t from, uint32_t to) {
  frame.begin(Kind::kGone);
  frame.u8(stream);
  frame.u32(from);
  frame.u32(to);
}

}  // namespace fasciwatch
