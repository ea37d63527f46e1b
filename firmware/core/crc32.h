#pragma once

#include <stdint.h>

namespace fasciwatch {

constexpr uint32_t kCrcStart = 0xFFFFFFFF;    // what the register holds before the first byte
constexpr uint32_t kCrcResidue = 0xDEBB20E3;  // what it holds after a message and its own CRC, always

/// Takes one byte into a CRC-32 of IEEE 802.3, half a byte at a time: its table is 64 bytes instead of 1 kB,
/// which an ATmega328P (2 kB of RAM) can spare. The finished CRC is the complement of the register.
/// Entry n of the table is n shifted right four times through the reflected polynomial 0xEDB88320.
inline uint32_t crc32(uint32_t reg, uint8_t byte) {
  static const uint32_t kTable[16] = {
      0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
      0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
  };
  reg = kTable[(reg ^ byte) & 0x0F] ^ (reg >> 4);
  return kTable[(reg ^ (byte >> 4)) & 0x0F] ^ (reg >> 4);
}

}  // namespace fasciwatch
