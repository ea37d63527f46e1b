#pragma once

#include "device.h"

namespace fasciwatch {

constexpr uint64_t kHandOverUs =
    15000000;  // us: a host that stores says so every 5 s; thrice that, and it is gone

/// One way to a host.
class Link {
 public:
  /// Moves bytes of the host to `bytes`; returns how many.
  virtual size_t read(uint8_t* bytes, size_t room) = 0;
  /// Takes bytes of one frame; returns how many. A link of packets takes a whole frame or nothing.
  virtual size_t write(const Bytes& frame) = 0;
  /// Whether the link was opened anew since this was last asked, so that the host has to start the board
  /// again.
  virtual bool reopened() { return false; }

 protected:
  ~Link() = default;
};

/// Several ways to a host, one host. Until one starts the device, all are greeted; then the device belongs to
/// the link that it was started on, until that host falls silent and another one speaks.
template <class AnyDevice, size_t kLinks>
class Links {
 public:
  Links(AnyDevice& device, Link* const (&links)[kLinks]) : device_(device) {
    for (size_t i = 0; i < kLinks; ++i) links_[i] = links[i];
  }

  void run(uint64_t now_us) {
    for (Link* link : links_) listen(*link, now_us);
    speak(now_us);
  }

 private:
  void listen(Link& link, uint64_t now_us) {
    if (link.reopened() && &link == host_) device_.link_opened();
    uint8_t bytes[64];
    const size_t size = link.read(bytes, sizeof bytes);
    if (size == 0) return;
    if (&link != host_) {
      if (device_.started() && now_us - heard_us_ < kHandOverUs) return;
      host_ = &link;
      device_.link_opened();
    }
    heard_us_ = now_us;
    for (size_t i = 0; i < size; ++i) device_.receive(bytes[i], now_us);
  }

  void speak(uint64_t now_us) {
    for (Bytes frame = device_.poll(now_us); frame.size > 0; frame = device_.poll(now_us)) {
      if (!device_.started()) {
        for (Link* link : links_) link->write(frame);
        device_.sent(frame.size);
      } else {
        const size_t taken = host_->write(frame);
        device_.sent(taken);
        if (taken < frame.size) return;
      }
    }
  }

  AnyDevice& device_;
  Link* links_[kLinks];
  Link* host_ = nullptr;
  uint64_t heard_us_ = 0;
};

}  // namespace fasciwatch
