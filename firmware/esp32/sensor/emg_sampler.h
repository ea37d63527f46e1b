#pragma once

#include <Arduino.h>
#include <esp_timer.h>
#include <fasciwatch.h>

#include "wiring.h"

constexpr uint32_t kEmgMhz = 1000000;     // mHz
constexpr uint32_t kEmgPeriodUs = 1000;   // us
constexpr uint8_t kQueuedInstants = 128;  // 128 ms in which the radio may hold the loop up

/// Samples the EMG inputs at 1 kHz from the timer's task. An instant that comes too late (flash is being
/// written) leaves its number unused.
class EmgSampler {
 public:
  void begin(uint32_t first_us) {
    analogReadResolution(12);
    schedule_ = fasciwatch::Schedule(first_us, kEmgPeriodUs);
    esp_timer_create_args_t timer = {};
    timer.callback = [](void* self) { static_cast<EmgSampler*>(self)->sample(); };
    timer.arg = this;
    timer.name = "emg";
    ESP_ERROR_CHECK(esp_timer_create(&timer, &timer_));
    ESP_ERROR_CHECK(esp_timer_start_periodic(timer_, kEmgPeriodUs));
  }

  void drain(fasciwatch::Stream& stream) { queue_.drain(stream); }

 private:
  void sample() {
    const uint32_t instants = schedule_.due(static_cast<uint32_t>(esp_timer_get_time()));
    if (instants == 0) return;
    queue_.skip(static_cast<uint16_t>(instants - 1));
    int16_t codes[kEmgChannels];
    for (uint8_t channel = 0; channel < kEmgChannels; ++channel) {
      codes[channel] = static_cast<int16_t>(analogRead(kEmgPins[channel]));
    }
    queue_.push(codes);
  }

  fasciwatch::Schedule schedule_{0, kEmgPeriodUs};
  fasciwatch::SampleQueue<int16_t, kEmgChannels, kQueuedInstants> queue_;
  esp_timer_handle_t timer_ = nullptr;
};
