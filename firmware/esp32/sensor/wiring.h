// What is wired to this ESP32. Only what is soldered is said here; name, sites, Wi-Fi and broker are told to
// the board later, by `fasciwatch sensor`, and kept through power-off.
#pragma once

#include <fasciwatch.h>
#include <sensors/adxl355.h>
#include <sensors/lsm6ds.h>
#include <sensors/mpu6050.h>

using MotionSensor = fasciwatch::Lsm6ds;  // Lsm6ds, Adxl355, Mpu6050

#if CONFIG_IDF_TARGET_ESP32
constexpr uint8_t kEmgPins[] = {36, 39, 34, 35};  // ADC 1: ADC 2 cannot be read while Wi-Fi is on
constexpr uint8_t kBatteryPin = 32;
constexpr uint8_t kSdaPin = 21, kSclPin = 22;
constexpr uint8_t kButtonPin = 33;  // to ground; must be able to wake the chip
constexpr uint8_t kLightPin = 2;
#elif CONFIG_IDF_TARGET_ESP32S3
constexpr uint8_t kEmgPins[] = {1, 2, 3, 4};
constexpr uint8_t kBatteryPin = 5;
constexpr uint8_t kSdaPin = 8, kSclPin = 9;
constexpr uint8_t kButtonPin = 7;
constexpr uint8_t kLightPin = 38;
#else  // ESP32-C3
constexpr uint8_t kEmgPins[] = {0, 1, 2};
constexpr uint8_t kBatteryPin = 4;
constexpr uint8_t kSdaPin = 6, kSclPin = 7;
constexpr uint8_t kButtonPin = 3;
constexpr uint8_t kLightPin = 10;
#endif

constexpr uint8_t kEmgChannels = sizeof kEmgPins;
constexpr float kEmgGain = 200;          // of the amplifier: the RAW pin of a MyoWare 2.0
constexpr float kAdcRangeUv = 3100000;   // uV that 4,096 counts span at 11 dB of attenuation, roughly
constexpr uint16_t kBatteryDivider = 2;  // two equal resistors halve the cell's voltage
