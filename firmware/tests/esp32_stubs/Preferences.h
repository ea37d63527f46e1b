#pragma once

#include <Arduino.h>

class Preferences {
 public:
  bool begin(const char* name, bool read_only = false);
  size_t getBytesLength(const char* key);
  size_t getBytes(const char* key, void* bytes, size_t room);
  size_t putBytes(const char* key, const void* bytes, size_t size);
  String getString(const char* key, const String& otherwise);
  size_t putString(const char* key, const String& value);
};
