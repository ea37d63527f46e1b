// The golden vectors as checks that need no library, so that they also run on a bare 32-bit RISC-V.
#pragma once

#include <string.h>

#include "../core/command.h"
#include "../core/frame_reader.h"
#include "../core/message.h"

namespace fasciwatch {

using WriteFrame = void (*)(FrameWriter&);
using ReadCommand = bool (*)(const Command&);

struct DeviceFrame {
  const char* name;
  const uint8_t* frame;
  size_t size;
  WriteFrame write;
};

struct CommandFrame {
  const char* name;
  const uint8_t* frame;
  size_t size;
  ReadCommand is_the_one;
};

struct DamagedBytes {
  const char* name;
  const uint8_t* bytes;
  size_t size;
  const ReadCommand* messages;
  size_t message_count, damaged, ignored;
};

#include "vectors.inc"

/// What the reader finds in bytes: good frames are also given to `each`.
template <class Each>
size_t count_damaged(const uint8_t* bytes, size_t size, Each each) {
  FrameReader<kMaxPayload> reader;
  size_t damaged = 0;
  for (size_t i = 0; i < size; ++i) {
    const Received received = reader.take(bytes[i]);
    if (received == Received::kFrame) each(reader);
    if (received == Received::kBad) ++damaged;
  }
  return damaged;
}

inline bool writes(const DeviceFrame& vector) {
  FrameWriter frame;
  vector.write(frame);
  return frame.finish() == vector.size && memcmp(frame.data(), vector.frame, vector.size) == 0;
}

/// The frame is found whole, and its payload written again gives the same bytes.
inline bool reads_back(const uint8_t* bytes, size_t size) {
  size_t same = 0;
  const size_t damaged = count_damaged(bytes, size, [&](const FrameReader<kMaxPayload>& reader) {
    FrameWriter frame;
    frame.begin(static_cast<Kind>(reader.kind()));
    frame.bytes(reader.body(), reader.body_size());
    if (frame.finish() == size && memcmp(frame.data(), bytes, size) == 0) ++same;
  });
  return damaged == 0 && same == 1;
}

inline bool reads(const CommandFrame& vector) {
  size_t right = 0;
  const size_t damaged =
      count_damaged(vector.frame, vector.size, [&](const FrameReader<kMaxPayload>& reader) {
        Command command;
        const Parsed parsed = parse(reader.kind(), reader.body(), reader.body_size(), command);
        if (parsed == Parsed::kCommand && vector.is_the_one(command)) ++right;
      });
  return damaged == 0 && right == 1;
}

inline bool counts(const DamagedBytes& vector) {
  size_t read = 0, right = 0, ignored = 0;
  const size_t damaged =
      count_damaged(vector.bytes, vector.size, [&](const FrameReader<kMaxPayload>& reader) {
        Command command;
        if (parse(reader.kind(), reader.body(), reader.body_size(), command) != Parsed::kCommand) {
          ++ignored;
        } else if (read < vector.message_count && vector.messages[read++](command)) {
          ++right;
        }
      });
  return damaged == vector.damaged && ignored == vector.ignored && right == vector.message_count;
}

/// The first vector that the core does not agree with; nullptr if it agrees with all.
inline const char* first_wrong_vector() {
  for (const DeviceFrame& vector : kDeviceFrames) {
    if (!writes(vector) || !reads_back(vector.frame, vector.size)) return vector.name;
  }
  for (const CommandFrame& vector : kCommandFrames) {
    if (!reads(vector) || !reads_back(vector.frame, vector.size)) return vector.name;
  }
  for (const DamagedBytes& vector : kDamagedBytes) {
    if (!counts(vector)) return vector.name;
  }
  return nullptr;
}

}  // namespace fasciwatch
