#pragma once

enum wifi_mode_t { WIFI_STA = 1 };

class WiFiClass {
 public:
  bool mode(wifi_mode_t mode);
  bool setAutoReconnect(bool again);
  int begin(const char* ssid, const char* password);
};
extern WiFiClass WiFi;
