#pragma once

#include <WiFi.h>
#include <esp_crt_bundle.h>
#include <mqtt_client.h>

#include "inbox.h"
#include "sensor_device.h"
#include "store.h"

/// Wi-Fi and an MQTT broker, as in PROTOCOL.md, 9. The broker keeps our session, so losing the network is no
/// new opening: the board goes on where it was.
class MqttLink final : public fasciwatch::Link {
 public:
  explicit MqttLink(const SensorDevice& device) : device_(device) {}

  /// Connects if the store knows a network and a broker; connects anew if it was connected.
  void begin(Store& store, const uint8_t* device_id) {
    end();
    const String ssid = store.link(Store::kSsid);
    const String url = store.link(Store::kMqttUrl);
    if (ssid.isEmpty() || url.isEmpty()) return;
    name_topics(device_id);
    WiFi.mode(WIFI_STA);
    WiFi.setAutoReconnect(true);
    WiFi.begin(ssid.c_str(), store.link(Store::kPassword).c_str());
    connect(url.c_str());
  }

  size_t read(uint8_t* bytes, size_t room) override { return inbox_.take(bytes, room); }

  /// Collects frames; a payload goes out when it is full or old enough. Its first frame is a hello.
  size_t write(const fasciwatch::Bytes& frame) override {
    if (client_ == nullptr) return 0;
    if (size_ + frame.size > sizeof payload_ && !publish()) return 0;
    if (size_ == 0) begin_payload();
    memcpy(payload_ + size_, frame.data, frame.size);
    size_ += frame.size;
    return frame.size;
  }

  void run(uint32_t now_ms) {
    if (size_ > 0 && now_ms - begun_ms_ >= kCollectMs) publish();
  }

 private:
  static constexpr size_t kPayload = 1400;  // bytes: one TCP segment
  static constexpr int kOutbox = 12000;     // bytes that may wait for the broker; the rest waits in our ring
  static constexpr uint32_t kCollectMs = 100;  // ms
  static constexpr int kKeepAliveS = 10;       // s
  static constexpr size_t kTopic = 48;         // bytes

  void name_topics(const uint8_t* device_id) {
    for (uint8_t i = 0; i < fasciwatch::kDeviceIdSize; ++i) snprintf(id_ + 2 * i, 3, "%02x", device_id[i]);
    snprintf(data_, sizeof data_, "fasciwatch/%s/data", id_);
    snprintf(control_, sizeof control_, "fasciwatch/%s/control", id_);
    snprintf(state_, sizeof state_, "fasciwatch/%s/state", id_);
  }

  void connect(const char* url) {
    esp_mqtt_client_config_t config = {};
    config.broker.address.uri = url;
    config.broker.verification.crt_bundle_attach = esp_crt_bundle_attach;
    config.credentials.client_id = id_;
    config.session.disable_clean_session = true;
    config.session.keepalive = kKeepAliveS;
    config.session.last_will.topic = state_;
    config.session.last_will.msg = "gone";
    config.session.last_will.qos = 1;
    config.session.last_will.retain = 1;
    client_ = esp_mqtt_client_init(&config);
    if (client_ == nullptr) return;  // not a URL
    esp_mqtt_client_register_event(client_, MQTT_EVENT_ANY, on_event, this);
    esp_mqtt_client_start(client_);
  }

  void end() {
    if (client_ == nullptr) return;
    esp_mqtt_client_stop(client_);
    esp_mqtt_client_destroy(client_);
    client_ = nullptr;
    size_ = 0;
  }

  void begin_payload() {
    fasciwatch::FrameWriter hello;
    device_.write_hello_now(hello, static_cast<uint64_t>(esp_timer_get_time()));
    size_ = hello.finish();
    memcpy(payload_, hello.data(), size_);
    begun_ms_ = millis();
  }

  bool publish() {
    if (esp_mqtt_client_get_outbox_size(client_) > kOutbox) return false;
    const char* payload = reinterpret_cast<const char*>(payload_);
    if (esp_mqtt_client_enqueue(client_, data_, payload, static_cast<int>(size_), 1, 0, true) < 0)
      return false;
    size_ = 0;
    return true;
  }

  static void on_event(void* self, esp_event_base_t, int32_t, void* data) {
    static_cast<MqttLink*>(self)->happened(*static_cast<esp_mqtt_event_t*>(data));
  }

  void happened(const esp_mqtt_event_t& event) {
    if (event.event_id == MQTT_EVENT_CONNECTED) {
      esp_mqtt_client_subscribe(client_, control_, 1);
      esp_mqtt_client_enqueue(client_, state_, "online", 0, 1, 1, true);
    } else if (event.event_id == MQTT_EVENT_DATA) {
      inbox_.put(event.data, static_cast<size_t>(event.data_len));
    }
  }

  const SensorDevice& device_;
  esp_mqtt_client_handle_t client_ = nullptr;
  Inbox inbox_;
  char id_[2 * fasciwatch::kDeviceIdSize + 1] = "";
  char data_[kTopic] = "";
  char control_[kTopic] = "";
  char state_[kTopic] = "";
  uint8_t payload_[kPayload];
  size_t size_ = 0;
  uint32_t begun_ms_ = 0;
};
