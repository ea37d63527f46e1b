#include <doctest/doctest.h>

#include <string>

#include "host.h"
#include "vectors.h"

using namespace fasciwatch;

TEST_CASE("each golden frame of a device is written byte for byte") {
  for (const DeviceFrame& vector : kDeviceFrames) {
    CAPTURE(std::string(vector.name));
    CHECK(writes(vector));
  }
}

TEST_CASE("each golden command is read as what it says") {
  for (const CommandFrame& vector : kCommandFrames) {
    CAPTURE(std::string(vector.name));
    CHECK(reads(vector));
  }
}

TEST_CASE("each golden frame, read and written again, is the same") {
  for (const DeviceFrame& vector : kDeviceFrames) CHECK(reads_back(vector.frame, vector.size));
  for (const CommandFrame& vector : kCommandFrames) CHECK(reads_back(vector.frame, vector.size));
}

TEST_CASE("from damaged bytes the same frames come as in Python, and the same counts") {
  for (const DamagedBytes& vector : kDamagedBytes) {
    CAPTURE(std::string(vector.name));
    CHECK(counts(vector));
  }
}

TEST_CASE("a changed golden frame is noticed") {
  DeviceFrame vector = kDeviceFrames[0];
  Octets changed(vector.frame, vector.frame + vector.size);
  changed[5] ^= 1;
  vector.frame = changed.data();
  CHECK_FALSE(writes(vector));
  CHECK_FALSE(reads_back(vector.frame, vector.size));
}
