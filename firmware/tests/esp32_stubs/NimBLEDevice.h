// Of NimBLE-Arduino 2.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <string>

#define BLE_HS_IO_NO_INPUT_OUTPUT 3

enum NIMBLE_PROPERTY : uint32_t { READ = 0x2, READ_ENC = 0x200, WRITE = 0x8, WRITE_ENC = 0x1000, NOTIFY = 0x10 };

class NimBLEUUID {
 public:
  NimBLEUUID(const char* uuid);
};

class NimBLEAttValue {
 public:
  const uint8_t* data() const;
  uint16_t size() const;
};

class NimBLEConnInfo {
 public:
  uint16_t getConnHandle() const;
  bool isEncrypted() const;
};

class NimBLECharacteristic;
class NimBLECharacteristicCallbacks {
 public:
  virtual ~NimBLECharacteristicCallbacks() = default;
  virtual void onWrite(NimBLECharacteristic* characteristic, NimBLEConnInfo& peer);
};

class NimBLECharacteristic {
 public:
  void setCallbacks(NimBLECharacteristicCallbacks* callbacks);
  void setValue(const uint8_t* bytes, size_t size);
  void setValue(const char* text);
  NimBLEAttValue getValue() const;
  bool notify(const uint8_t* bytes, size_t size, uint16_t connection) const;
};

class NimBLEService {
 public:
  NimBLECharacteristic* createCharacteristic(const char* uuid, uint32_t properties);
};

class NimBLEServer;
class NimBLEServerCallbacks {
 public:
  virtual ~NimBLEServerCallbacks() = default;
  virtual void onConnect(NimBLEServer* server, NimBLEConnInfo& peer);
  virtual void onDisconnect(NimBLEServer* server, NimBLEConnInfo& peer, int reason);
  virtual void onAuthenticationComplete(NimBLEConnInfo& peer);
};

class NimBLEServer {
 public:
  NimBLEService* createService(const char* uuid);
  void setCallbacks(NimBLEServerCallbacks* callbacks, bool delete_them);
  void advertiseOnDisconnect(bool again);
  bool start();
  void updateConnParams(uint16_t connection, uint16_t least, uint16_t most, uint16_t latency, uint16_t timeout) const;
  uint16_t getPeerMTU(uint16_t connection) const;
};

class NimBLEAdvertisementData {
 public:
  bool setServiceData(const NimBLEUUID& uuid, const uint8_t* bytes, size_t size);
};

class NimBLEAdvertising {
 public:
  bool addServiceUUID(const char* uuid);
  bool setScanResponseData(const NimBLEAdvertisementData& data);
  bool start(uint32_t duration_ms = 0);
};

class NimBLEDevice {
 public:
  static bool init(const std::string& name);
  static bool setMTU(uint16_t mtu);
  static void setSecurityAuth(bool bonding, bool mitm, bool secure_connections);
  static void setSecurityIOCap(uint8_t capability);
  static bool startSecurity(uint16_t connection);
  static NimBLEServer* createServer();
  static NimBLEAdvertising* getAdvertising();
};
