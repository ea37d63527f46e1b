// What is wired to this Uno or Nano. Change these two lines, or give them to the compiler with -D.
#pragma once

#ifndef FASCIWATCH_FRONT_END
#define FASCIWATCH_FRONT_END kMyoWare2  // kMyoWare2, kAd8232, kBioAmpExgPill
#endif

#ifndef FASCIWATCH_ACCELEROMETER
#define FASCIWATCH_ACCELEROMETER Mpu6050  // Mpu6050, Lsm6ds
#endif
