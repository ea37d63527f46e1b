#pragma once

#include "protocol.h"

namespace fasciwatch {

enum class Parsed : uint8_t { kCommand, kUnknown, kTooShort };

/// What the host asks for. Which fields hold depends on the kind; see PROTOCOL.md, 4.
struct Command {
  Kind kind;
  uint32_t boot_id;      // start
  uint8_t stream;        // ack, resend
  uint32_t from, to;     // resend; an ack has only `to`
  uint8_t seconds;       // identify
  uint8_t key;           // set
  const uint8_t* value;  // set; lives as long as the frame it was read from
  size_t value_size;     // bytes
};

inline uint32_t read_u32(const uint8_t* bytes) {
  return bytes[0] | static_cast<uint32_t>(bytes[1]) << 8 | static_cast<uint32_t>(bytes[2]) << 16 |
         static_cast<uint32_t>(bytes[3]) << 24;
}

/// Reads a command's body. Bytes after the known fields belong to a later version and are ignored; the
/// highest major version in a query is the host's to judge by, so it is only required to be there.
inline Parsed parse(uint8_t kind, const uint8_t* body, size_t size, Command& command) {
  command = Command();
  command.kind = static_cast<Kind>(kind);
  const auto needs = [size](size_t least) { return size >= least ? Parsed::kCommand : Parsed::kTooShort; };
  switch (command.kind) {
    case Kind::kQuery: return needs(1);
    case Kind::kStop: return Parsed::kCommand;
    case Kind::kStart:
      if (size >= 4) command.boot_id = read_u32(body);
      return needs(4);
    case Kind::kAck:
      if (size >= 5) {
        command.stream = body[0];
        command.to = read_u32(body + 1);
      }
      return needs(5);
    case Kind::kResend:
      if (size >= 9) {
        command.stream = body[0];
        command.from = read_u32(body + 1);
        command.to = read_u32(body + 5);
      }
      return needs(9);
    case Kind::kIdentify:
      if (size >= 1) command.seconds = body[0];
      return needs(1);
    case Kind::kSet:
      if (size >= 1) {
        command.key = body[0];
        command.value = body + 1;
        command.value_size = size - 1;
      }
      return needs(1);
    default: return Parsed::kUnknown;
  }
}

}  // namespace fasciwatch
