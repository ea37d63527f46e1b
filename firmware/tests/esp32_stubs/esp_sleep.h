#pragma once

#include <stdint.h>

#include "esp_err.h"

enum gpio_num_t : int {};
enum esp_deepsleep_gpio_wake_up_mode_t { ESP_GPIO_WAKEUP_GPIO_LOW };
esp_err_t esp_sleep_enable_ext0_wakeup(gpio_num_t pin, int level);
esp_err_t esp_deep_sleep_enable_gpio_wakeup(uint64_t pins, esp_deepsleep_gpio_wake_up_mode_t mode);
[[noreturn]] void esp_deep_sleep_start();
