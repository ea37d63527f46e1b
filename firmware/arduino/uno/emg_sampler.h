#pragma once

#include <Arduino.h>
#include <fasciwatch.h>

constexpr uint32_t kEmgMhz = 1000000;    // mHz
constexpr uint32_t kEmgPeriodUs = 1000;  // us
constexpr uint8_t kQueuedInstants = 32;  // 32 ms for the longest stretch in which the loop is held up

/// Samples A0 at 1 kHz without the processor: timer 1 starts each conversion, to the cycle; the interrupt
/// only fetches the result.
class EmgSampler {
 public:
  static void begin() {
    const uint8_t interrupts = SREG;
    cli();
    ADMUX = _BV(REFS0);                                  // A0 against the 5 V supply
    ADCSRB = _BV(ADTS2) | _BV(ADTS0);                    // start on timer 1, compare B
    ADCSRA = _BV(ADEN) | _BV(ADATE) | _BV(ADIE) | 0x07;  // 16 MHz / 128: 104 us a conversion, full accuracy
    TCCR1A = _BV(COM1B0);                                // no pin moves (D10 stays an input); simavr needs it
    TCCR1B = _BV(WGM12) | _BV(CS11);                     // count to OCR1A at 2 MHz
    OCR1A = OCR1B = F_CPU / 8 / (kEmgMhz / 1000) - 1;
    TCNT1 = 0;
    SREG = interrupts;
  }

  static fasciwatch::SampleQueue<int16_t, 1, kQueuedInstants> queue;
};

fasciwatch::SampleQueue<int16_t, 1, kQueuedInstants> EmgSampler::queue;

ISR(ADC_vect) {
  TIFR1 = _BV(OCF1B);  // the next compare starts a conversion only if this one's flag is gone
  const int16_t code = static_cast<int16_t>(ADC);
  EmgSampler::queue.push(&code);
}
