// Declarations only, of the little that the ESP32 sketch uses of arduino-esp32 3: enough to check its types.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOW 0
#define HIGH 1
#define INPUT_PULLUP 5
#define OUTPUT 3

class String {
 public:
  String(const char* text = "");
  bool concat(const char* text, unsigned int size);
  bool isEmpty() const;
  const char* c_str() const;
};

class HardwareSerial {
 public:
  void begin(unsigned long baud);
  size_t setTxBufferSize(size_t size);
  int available();
  int availableForWrite();
  int read();
  size_t write(const uint8_t* bytes, size_t size);
};
extern HardwareSerial Serial;

class EspClass {
 public:
  uint64_t getEfuseMac();
};
extern EspClass ESP;

void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t value);
int digitalRead(uint8_t pin);
uint16_t analogRead(uint8_t pin);
uint32_t analogReadMilliVolts(uint8_t pin);
void analogReadResolution(uint8_t bits);
unsigned long millis();
void delay(uint32_t ms);
bool psramFound();
uint32_t esp_random();
