// Of esp-mqtt as it comes with ESP-IDF 5.
#pragma once

#include <stdint.h>

#include "esp_err.h"

typedef struct esp_mqtt_client* esp_mqtt_client_handle_t;
typedef const char* esp_event_base_t;
typedef void (*esp_event_handler_t)(void*, esp_event_base_t, int32_t, void*);
enum esp_mqtt_event_id_t { MQTT_EVENT_ANY = -1, MQTT_EVENT_CONNECTED = 1, MQTT_EVENT_DATA = 6 };

struct esp_mqtt_event_t {
  esp_mqtt_event_id_t event_id;
  char* data;
  int data_len;
};

struct esp_mqtt_client_config_t {
  struct {
    struct {
      const char* uri;
    } address;
    struct {
      esp_err_t (*crt_bundle_attach)(void*);
    } verification;
  } broker;
  struct {
    const char* client_id;
  } credentials;
  struct {
    struct {
      const char* topic;
      const char* msg;
      int qos, retain;
    } last_will;
    bool disable_clean_session;
    int keepalive;
  } session;
};

esp_mqtt_client_handle_t esp_mqtt_client_init(const esp_mqtt_client_config_t* config);
esp_err_t esp_mqtt_client_register_event(esp_mqtt_client_handle_t client, esp_mqtt_event_id_t event,
                                         esp_event_handler_t handler, void* arg);
esp_err_t esp_mqtt_client_start(esp_mqtt_client_handle_t client);
esp_err_t esp_mqtt_client_stop(esp_mqtt_client_handle_t client);
esp_err_t esp_mqtt_client_destroy(esp_mqtt_client_handle_t client);
int esp_mqtt_client_subscribe(esp_mqtt_client_handle_t client, const char* topic, int qos);
int esp_mqtt_client_enqueue(esp_mqtt_client_handle_t client, const char* topic, const char* data, int size, int qos,
                            int retain, bool store);
int esp_mqtt_client_get_outbox_size(esp_mqtt_client_handle_t client);
