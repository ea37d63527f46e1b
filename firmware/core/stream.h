#pragma once

#include "contact.h"
#include "message.h"
#include "sample_ring.h"

namespace fasciwatch {

/// Everything that is to be said about one stream: live samples, samples again, samples that are gone.
/// Instants are taken on the board's own clock, number n at `epoch_us` + n periods, so no time is stored.
class Stream {
 public:
  /// `memory` holds the samples until they are sent (a board that cannot resend) or overwritten (one that
  /// can).
  /// A sample waits for `latency_us` at most for its frame to fill.
  void begin(const StreamInfo& info, uint64_t epoch_us, uint32_t latency_us, bool can_resend, uint8_t* memory,
             size_t memory_size) {
    info_ = info;
    epoch_us_ = static_cast<uint32_t>(epoch_us);
    can_resend_ = can_resend;
    ring_.begin(memory, memory_size, info.instant_size());
    contact_.begin(info.lowest, info.highest, info.rate_mhz);
    per_frame_ = static_cast<uint8_t>(kMaxSignal / info.instant_size());
    const uint32_t in_time = latency_us / info.period_us();
    batch_ = in_time < 1 ? 1 : in_time < per_frame_ ? static_cast<uint8_t>(in_time) : per_frame_;
  }

  const StreamInfo& info() const { return info_; }
  Contact& contact() { return contact_; }
  const Contact& contact() const { return contact_; }
  uint32_t next() const { return ring_.next(); }
  uint32_t oldest_held() const { return can_resend_ ? ring_.oldest() : ring_.next(); }
  uint32_t lost() const { return lost_; }

  /// Keeps the sample of the next instant: one code a channel.
  void take(const int32_t* codes) {
    make_room();
    uint8_t* to = ring_.push();
    for (uint8_t channel = 0; channel < info_.channels; ++channel) {
      const int32_t code = codes[channel];
      contact_.sample(channel, code);
      *to++ = static_cast<uint8_t>(code);
      *to++ = static_cast<uint8_t>(code >> 8);
      if (info_.sample_bytes == 3) *to++ = static_cast<uint8_t>(code >> 16);
    }
  }

  /// Uses up the numbers of instants that could not be taken.
  void skip(uint32_t instants) {
    lost_ += instants;
    for (; instants > 0; --instants) {
      make_room();
      ring_.skip();
    }
  }

  /// Live samples go out from now on.
  void go_live() {
    if (!can_resend_) {
      for (; live_ != ring_.next(); ++live_) lost_ += ring_.holds(live_);
    }
    live_ = ring_.next();
    told_gone_ = ring_.oldest();  // the hello before the start told it
  }

  /// Writes the next live frame once it is full or its first instant has waited long enough.
  bool write_live(FrameWriter& frame) {
    if (ring_.next() - live_ < batch_) return false;
    while (live_ != ring_.next() && !ring_.holds(live_)) ++live_;
    if (live_ == ring_.next()) return false;
    live_ = write_run(frame, live_, ring_.next());
    return true;
  }

  /// Everything before `upto` is stored by the host. False if that cannot be.
  bool ack(uint32_t upto) {
    if (ahead(upto, live_) > 0) return false;
    if (ahead(upto, settled_) > 0) settled_ = upto;
    if (ahead(upto, told_gone_) > 0) told_gone_ = upto;
    return true;
  }

  /// [from, to) is to be sent again; what of it was not sent at all yet will come live. False if that cannot
  /// be.
  bool resend(uint32_t from, uint32_t to) {
    if (ahead(to, from) < 0 || ahead(to, ring_.next()) > 0) return false;
    resend_to_ = ahead(to, live_) > 0 ? live_ : to;
    resend_from_ = ahead(from, resend_to_) > 0 ? resend_to_ : from;
    return true;
  }

  void cancel_resend() { resend_from_ = resend_to_; }

  /// Writes the next frame of what was asked for again: samples, or that they are gone.
  bool write_resend(FrameWriter& frame) {
    if (resend_from_ == resend_to_) return false;
    if (can_resend_ && ring_.holds(resend_from_)) {
      resend_from_ = write_run(frame, resend_from_, resend_to_);
    } else {
      const uint32_t from = resend_from_;
      resend_from_ = end_of_gone(from);
      write_gone(frame, info_.id, from, resend_from_);
    }
    return true;
  }

  /// Writes which samples had to be overwritten before the host had stored them, if it was not yet told.
  bool write_overwritten(FrameWriter& frame) {
    if (!can_resend_ || ahead(ring_.oldest(), told_gone_) <= 0) return false;
    write_gone(frame, info_.id, told_gone_, ring_.oldest());
    told_gone_ = ring_.oldest();
    return true;
  }

 private:
  void make_room() {
    if (!ring_.full()) return;
    const uint32_t oldest = ring_.oldest();
    const bool sent = live_ != oldest;
    if (!sent) ++live_;
    const bool settled = can_resend_ ? ahead(settled_, oldest) > 0 : sent;
    if (settled) return;
    settled_ = oldest + 1;
    lost_ += ring_.holds(oldest);
  }

  /// The end of the run of numbers from `from` on that have no sample. Looks at no number outside the ring: a
  /// host may ask for two thousand million of them.
  uint32_t end_of_gone(uint32_t from) const {
    const uint32_t asked = resend_to_ - from;
    const bool inside = from - ring_.oldest() < ring_.next() - ring_.oldest();
    uint32_t gone = inside ? 0 : ring_.oldest() - from;
    while (gone < asked && can_resend_ && !ring_.holds(from + gone)) ++gone;
    return can_resend_ && gone < asked ? from + gone : resend_to_;
  }

  /// Fills a frame with held instants from `from` on, before `to`; returns the number after the last.
  uint32_t write_run(FrameWriter& frame, uint32_t from, uint32_t to) const {
    write_samples(frame, info_, from, epoch_us_ + from * info_.period_us());
    uint32_t sequence = from;
    for (uint8_t n = 0; n < per_frame_ && sequence != to; ++n, ++sequence) {
      const uint8_t* instant = ring_.at(sequence);
      if (instant == nullptr) break;
      frame.bytes(instant, info_.instant_size());
    }
    return sequence;
  }

  StreamInfo info_ = {};
  SampleRing ring_;
  Contact contact_;
  uint32_t epoch_us_ = 0;     // low 32 bits of the device time of instant 0
  uint32_t live_ = 0;         // the first number not yet sent live
  uint32_t settled_ = 0;      // the host has stored, or can never have, everything before it
  uint32_t told_gone_ = 0;    // the host has stored, or was told it cannot have, everything before it
  uint32_t resend_from_ = 0;  // [from, to) is still to be sent again
  uint32_t resend_to_ = 0;
  uint32_t lost_ = 0;      // instants
  uint8_t per_frame_ = 1;  // instants that fit a frame
  uint8_t batch_ = 1;      // instants at which a live frame goes out
  bool can_resend_ = false;
};

}  // namespace fasciwatch
