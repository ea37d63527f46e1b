#pragma once

typedef int esp_err_t;
#define ESP_ERROR_CHECK(done) static_cast<void>(done)
