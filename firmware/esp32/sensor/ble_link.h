#pragma once

#include <NimBLEDevice.h>

#include <atomic>

#include "inbox.h"
#include "sensor_device.h"

/// Bluetooth Low Energy, as in PROTOCOL.md, 9: bonded, encrypted, one host at a time.
class BleLink final : public fasciwatch::Link,
                      private NimBLEServerCallbacks,
                      private NimBLECharacteristicCallbacks {
 public:
  void begin(const uint8_t* device_id, const char* firmware) {
    NimBLEDevice::init("fasciwatch");
    NimBLEDevice::setMTU(kMtu);
    NimBLEDevice::setSecurityAuth(true, false,
                                  true);  // bond; no display to compare numbers on; secure connections
    NimBLEDevice::setSecurityIOCap(BLE_HS_IO_NO_INPUT_OUTPUT);
    server_ = NimBLEDevice::createServer();
    server_->setCallbacks(this, false);
    server_->advertiseOnDisconnect(true);
    serve(firmware);
    advertise(device_id);
  }

  size_t read(uint8_t* bytes, size_t room) override { return inbox_.take(bytes, room); }

  size_t write(const fasciwatch::Bytes& frame) override {
    const uint16_t connection = connection_;
    if (connection == kNobody || !encrypted_ || server_->getPeerMTU(connection) < frame.size + kAttHeader)
      return 0;
    return data_->notify(frame.data, frame.size, connection) ? frame.size : 0;
  }

  bool reopened() override { return reopened_.exchange(false); }

  /// What a host may read at any time: the hello of now, and how full the battery is.
  void show(const fasciwatch::Bytes& hello, uint8_t battery_percent) {
    info_->setValue(hello.data, hello.size);
    if (battery_percent <= 100) battery_->setValue(&battery_percent, 1);
  }

 private:
  static constexpr uint16_t kMtu = 247;         // bytes: a frame and its header
  static constexpr uint16_t kAttHeader = 3;     // bytes
  static constexpr uint16_t kIntervalMin = 36;  // x 1.25 ms = 45 ms
  static constexpr uint16_t kIntervalMax = 48;  // x 1.25 ms = 60 ms
  static constexpr uint16_t kLatency = 4;  // intervals that the board may sleep through with nothing to say
  static constexpr uint16_t kSupervision = 500;  // x 10 ms = 5 s
  static constexpr uint16_t kNobody = 0xFFFF;
  static constexpr const char* kService = "fa5c0001-7a3e-4c52-9d0b-6f6d757363fe";
  static constexpr const char* kData = "fa5c0002-7a3e-4c52-9d0b-6f6d757363fe";
  static constexpr const char* kControl = "fa5c0003-7a3e-4c52-9d0b-6f6d757363fe";
  static constexpr const char* kInfo = "fa5c0004-7a3e-4c52-9d0b-6f6d757363fe";

  void serve(const char* firmware) {
    NimBLEService* sensor = server_->createService(kService);
    data_ = sensor->createCharacteristic(kData, NIMBLE_PROPERTY::NOTIFY);
    info_ = sensor->createCharacteristic(kInfo, NIMBLE_PROPERTY::READ | NIMBLE_PROPERTY::READ_ENC);
    sensor->createCharacteristic(kControl, NIMBLE_PROPERTY::WRITE | NIMBLE_PROPERTY::WRITE_ENC)
        ->setCallbacks(this);
    battery_ = server_->createService("180F")->createCharacteristic("2A19", NIMBLE_PROPERTY::READ);
    NimBLEService* about = server_->createService("180A");
    about->createCharacteristic("2A29", NIMBLE_PROPERTY::READ)->setValue("fasciwatch");
    about->createCharacteristic("2A26", NIMBLE_PROPERTY::READ)->setValue(firmware);
    server_->start();
  }

  /// The scan response carries the device id, so that a host knows the board without connecting.
  void advertise(const uint8_t* device_id) {
    NimBLEAdvertisementData scan_response;
    scan_response.setServiceData(NimBLEUUID(kService), device_id, fasciwatch::kDeviceIdSize);
    NimBLEAdvertising* advertising = NimBLEDevice::getAdvertising();
    advertising->addServiceUUID(kService);
    advertising->setScanResponseData(scan_response);
    advertising->start();
  }

  void onConnect(NimBLEServer* server, NimBLEConnInfo& peer) override {
    encrypted_ = peer.isEncrypted();
    connection_ = peer.getConnHandle();
    reopened_ = true;
    server->updateConnParams(peer.getConnHandle(), kIntervalMin, kIntervalMax, kLatency, kSupervision);
    NimBLEDevice::startSecurity(peer.getConnHandle());
  }

  void onDisconnect(NimBLEServer*, NimBLEConnInfo&, int) override {
    connection_ = kNobody;
    encrypted_ = false;
    reopened_ = true;
  }

  void onAuthenticationComplete(NimBLEConnInfo& peer) override { encrypted_ = peer.isEncrypted(); }

  void onWrite(NimBLECharacteristic* control, NimBLEConnInfo&) override {
    const NimBLEAttValue value = control->getValue();
    inbox_.put(value.data(), value.size());
  }

  NimBLEServer* server_ = nullptr;
  NimBLECharacteristic* data_ = nullptr;
  NimBLECharacteristic* info_ = nullptr;
  NimBLECharacteristic* battery_ = nullptr;
  Inbox inbox_;
  std::atomic<uint16_t> connection_{kNobody};
  std::atomic<bool> encrypted_{false};
  std::atomic<bool> reopened_{false};
};
