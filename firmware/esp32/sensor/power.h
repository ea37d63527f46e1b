#pragma once

#include <Arduino.h>
#include <esp_sleep.h>
#include <fasciwatch.h>

#include "wiring.h"

inline fasciwatch::Health measure_health() {
  const uint32_t millivolts = analogReadMilliVolts(kBatteryPin) * kBatteryDivider;
  if (millivolts < 2500)
    return fasciwatch::kHealthNotMeasured;  // below any cell's end: nothing is wired there
  const uint16_t cell_mv = static_cast<uint16_t>(millivolts);
  return {cell_mv, fasciwatch::lipo_percent(cell_mv), fasciwatch::kTemperatureNotMeasured};
}

/// Off until the button is pressed again: then the board boots anew.
[[noreturn]] inline void switch_off() {
  while (digitalRead(kButtonPin) == LOW) delay(10);  // a button still down would wake it at once
#if SOC_PM_SUPPORT_EXT0_WAKEUP
  esp_sleep_enable_ext0_wakeup(static_cast<gpio_num_t>(kButtonPin), 0);
#else
  esp_deep_sleep_enable_gpio_wakeup(1ULL << kButtonPin, ESP_GPIO_WAKEUP_GPIO_LOW);
#endif
  esp_deep_sleep_start();
}
