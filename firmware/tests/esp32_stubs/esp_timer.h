#pragma once

#include <stdint.h>

#include "esp_err.h"

typedef struct esp_timer* esp_timer_handle_t;
struct esp_timer_create_args_t {
  void (*callback)(void*);
  void* arg;
  int dispatch_method;
  const char* name;
  bool skip_unhandled_events;
};
esp_err_t esp_timer_create(const esp_timer_create_args_t* args, esp_timer_handle_t* handle);
esp_err_t esp_timer_start_periodic(esp_timer_handle_t handle, uint64_t period_us);
int64_t esp_timer_get_time();
