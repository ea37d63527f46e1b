#pragma once

#include <stdint.h>

namespace fasciwatch {

constexpr uint32_t kCrcStart = 0xFFFFFFFF;    // what the register holds before the first byte
constexpr uint32_t kCrcResidue = 0xDEBB20E3;  // what it holds after a message and its own CRC, always

/// Takes one byte into a CRC-32 of IEEE 802.3; the finished CRC is the complement of the register. The usual
/// table of 256 entries (n shifted right eight times through the reflected polynomial 0xEDB88320) is the sum
/// of its rows 0x0n and its columns 0xn0, as the CRC is linear: 128 bytes instead of 1 kB, which an
/// ATmega328P (2 kB of RAM) can spare, and no slower.
inline uint32_t crc32(uint32_t reg, uint8_t byte) {
  static const uint32_t kLow[16] = {
      0x00000000, 0x77073096, 0xEE0E612C, 0x990951BA, 0x076DC419, 0x706AF48F, 0xE963A535, 0x9E6495A3,
      0x0EDB8832, 0x79DCB8A4, 0xE0D5E91E, 0x97D2D988, 0x09B64C2B, 0x7EB17CBD, 0xE7B82D07, 0x90BF1D91,
  };
  static const uint32_t kHigh[16] = {
      0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
      0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
  };
  const uint8_t index = static_cast<uint8_t>(reg ^ byte);
  return (reg >> 8) ^ kLow[index & 0x0F] ^ kHigh[index >> 4];
}

}  // namespace fasciwatch
