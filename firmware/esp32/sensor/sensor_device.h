#pragma once

#include <fasciwatch.h>

#include "wiring.h"

using SensorDevice = fasciwatch::Device<2, kEmgChannels, fasciwatch::kMaxPayload - fasciwatch::kMinPayload>;
