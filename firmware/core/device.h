#pragma once

#include "command.h"
#include "frame_reader.h"
#include "frame_writer.h"
#include "message.h"
#include "settings.h"
#include "stream.h"

namespace fasciwatch {

constexpr uint32_t kRepeatUs = 1000000;        // us between hellos, repeated markers and news of lost samples
constexpr uint32_t kStatusUs = 10000000;       // us between statuses
constexpr uint32_t kContactStatusUs = 100000;  // us at least between statuses when a contact flickers
constexpr uint8_t kMarkersHeld = 4;            // presses not yet acknowledged

struct Bytes {
  const uint8_t* data;
  size_t size;
};

/// What a device cannot know: its name on the wire, its version, what it is able to do.
struct Identity {
  uint8_t device_id[kDeviceIdSize];
  uint32_t boot_id;  // never 0, another one at each boot
  uint8_t firmware[3];
  uint8_t features;
};

struct Health {
  uint16_t battery_mv;
  uint8_t battery_percent;
  int16_t temperature_cdegc;  // 0.01 degC
};

constexpr Health kHealthNotMeasured = {kBatteryNotMeasured, kBatteryLevelUnknown, kTemperatureNotMeasured};

/// What a device asks of its board.
class Board {
 public:
  /// Keep the settings; they have changed.
  virtual void save_settings() = 0;
  /// Keep a setting of the board's own link (PROTOCOL.md, 6). False if there is none by that key.
  virtual bool set_link(uint8_t key, const uint8_t* text, size_t size) = 0;

 protected:
  ~Board() = default;
};

/// What was received but not obeyed, since boot.
struct Ignored {
  uint16_t bad_frames;
  uint16_t unknown_kinds;
  uint16_t bad_commands;
};

/// The board's side of PROTOCOL.md. Owned by one thread: samples come in through its streams, bytes of the
/// host through `receive`, and whatever is to be said goes out through `poll` and `sent`, on any link.
template <uint8_t kStreams, uint8_t kSites, size_t kCommandBody>
class Device {
  static_assert(kCommandBody >= 1 + kMaxName + 1, "the longest setting must be seen to be too long");
  static_assert(29 + kMaxName + kStreams * (29 + 2 * kSites) + kCrcSize <= kMaxPayload,
                "hello must fit a frame");

 public:
  using DeviceSettings = Settings<kStreams, kSites>;

  explicit Device(Board& board) : board_(board) {}

  void begin(const Identity& identity, const DeviceSettings& settings) {
    identity_ = identity;
    settings_ = settings;
    link_opened();
  }

  Stream& stream(uint8_t index) { return streams_[index]; }
  const DeviceSettings& settings() const { return settings_; }
  const Ignored& ignored() const { return ignored_; }
  bool started() const { return started_; }
  void health(const Health& health) { health_ = health; }

  /// A new link, or the old one anew: the host has to say start again.
  void link_opened() {
    static const uint8_t kEndOfNoise = 0;
    pending_ = {&kEndOfNoise, 1};
    commands_ = FrameReader<kCommandBody>();
    started_ = false;
    hello_due_ = true;
    for (Stream& stream : streams_) stream.cancel_resend();
  }

  /// The wearer pressed the button.
  void press(uint64_t pressed_us) {
    if (markers_held_ == kMarkersHeld) forget_markers(1);
    markers_[markers_held_++] = {presses_++, pressed_us, 0, false};
  }

  /// Takes one byte from the host.
  void receive(uint8_t byte, uint64_t now_us) {
    const Received received = commands_.take(byte);
    if (received == Received::kNothing) return;
    if (received == Received::kBad) {
      ++ignored_.bad_frames;
      return;
    }
    Command command;
    const Parsed parsed = parse(commands_.kind(), commands_.body(), commands_.body_size(), command);
    if (parsed == Parsed::kUnknown) {
      ++ignored_.unknown_kinds;
    } else if (parsed == Parsed::kTooShort || !obey(command, now_us)) {
      ++ignored_.bad_commands;
    }
  }

  /// The bytes to send next, none if there is nothing to say. They stay the same until `sent` says they are
  /// out.
  Bytes poll(uint64_t now_us) {
    if (pending_.size == 0 && write_next(now_us)) pending_ = {frame_.data(), frame_.finish()};
    return pending_;
  }

  /// The link has taken so many of the polled bytes.
  void sent(size_t size) {
    pending_.data += size;
    pending_.size -= size;
  }

  /// Begins a hello frame of now: a link may have to show one besides.
  void write_hello_now(FrameWriter& frame, uint64_t now_us) const {
    Hello hello;
    memcpy(hello.device_id, identity_.device_id, sizeof hello.device_id);
    hello.boot_id = identity_.boot_id;
    hello.device_time_us = now_us;
    memcpy(hello.firmware, identity_.firmware, sizeof hello.firmware);
    hello.features = identity_.features;
    hello.name = settings_.name;
    hello.name_size = settings_.name_size;
    hello.streams = kStreams;
    write_hello(frame, hello);
    for (uint8_t i = 0; i < kStreams; ++i) {
      const Stream& stream = streams_[i];
      write_stream(frame, stream.info(), stream.oldest_held(), stream.next(), settings_.sites[i]);
    }
  }

  /// Whether the light is to blink so that the wearer can tell this sensor from the others.
  bool identifying(uint64_t now_us) const { return now_us < identify_until_us_; }

 private:
  struct Marker {
    uint16_t number;
    uint64_t pressed_us;
    uint32_t sent_us;
    bool sent;
  };

  bool obey(const Command& command, uint64_t now_us) {
    switch (command.kind) {
      case Kind::kStart:
        if (command.boot_id == identity_.boot_id) {
          start(now_us);
        } else {
          hello_due_ = true;
        }
        return true;
      case Kind::kStop:
        started_ = false;
        hello_us_ = static_cast<uint32_t>(now_us);
        return true;
      case Kind::kAck:
        return command.stream == kMarkers ? ack_markers(static_cast<uint16_t>(command.to)) : ack(command);
      case Kind::kResend: return resend(command);
      case Kind::kIdentify: identify_until_us_ = now_us + command.seconds * UINT64_C(1000000); return true;
      case Kind::kSet: hello_due_ = true; return set(command);
      default:  // a query
        hello_due_ = true;
        return true;
    }
  }

  void start(uint64_t now_us) {
    if (started_) return;
    started_ = true;
    gone_us_ = static_cast<uint32_t>(now_us);
    status_us_ = gone_us_ - kStatusUs;  // the first goes out at once: how the contacts are
    for (Stream& stream : streams_) stream.go_live();
  }

  bool ack(const Command& command) {
    Stream* stream = find(command.stream);
    return stream != nullptr && stream->ack(command.to);
  }

  bool resend(const Command& command) {
    Stream* stream = find(command.stream);
    return stream != nullptr && stream->resend(command.from, command.to);
  }

  bool ack_markers(uint16_t upto) {
    if (static_cast<int16_t>(upto - presses_) > 0) return false;
    uint8_t stored = 0;
    while (stored<markers_held_&& static_cast<int16_t>(upto - markers_[stored].number)> 0) ++stored;
    forget_markers(stored);
    return true;
  }

  void forget_markers(uint8_t count) {
    markers_held_ = static_cast<uint8_t>(markers_held_ - count);
    for (uint8_t i = 0; i < markers_held_; ++i) markers_[i] = markers_[i + count];
  }

  bool set(const Command& command) {
    const uint8_t* value = command.value;
    switch (static_cast<Setting>(command.key)) {
      case Setting::kName:
        if (!settings_.set_name(value, command.value_size)) return false;
        break;
      case Setting::kSite:
        if (command.value_size < 4 || !set_site(value[0], value[1], {value[2], value[3]})) return false;
        break;
      default:
        return command.key >= static_cast<uint8_t>(Setting::kFirstLink) &&
               command.key <= static_cast<uint8_t>(Setting::kLastLink) &&
               board_.set_link(command.key, value, command.value_size);
    }
    board_.save_settings();
    return true;
  }

  bool set_site(uint8_t stream_id, uint8_t channel, Site site) {
    Stream* stream = find(stream_id);
    if (stream == nullptr || channel >= stream->info().sites()) return false;
    settings_.sites[stream - streams_][channel] = site;
    return true;
  }

  Stream* find(uint8_t stream_id) {
    for (Stream& stream : streams_) {
      if (stream.info().id == stream_id) return &stream;
    }
    return nullptr;
  }

  /// Begins the frame that matters most now: what the host waits for, then what is new, then what is sent
  /// again.
  bool write_next(uint64_t now_us) {
    const uint32_t now = static_cast<uint32_t>(now_us);
    if (hello_due_ || (!started_ && now - hello_us_ >= kRepeatUs)) {
      write_hello_now(frame_, now_us);
      hello_due_ = false;
      hello_us_ = now;
      return true;
    }
    return started_ && (write_marker_due(now) || write_status_due(now_us) || write_overwritten(now) ||
                        write_signal(&Stream::write_live) || write_signal(&Stream::write_resend));
  }

  bool write_marker_due(uint32_t now) {
    for (uint8_t i = 0; i < markers_held_; ++i) {
      Marker& marker = markers_[i];
      if (marker.sent && now - marker.sent_us < kRepeatUs) continue;
      marker.sent = true;
      marker.sent_us = now;
      write_marker(frame_, marker.number, marker.pressed_us);
      return true;
    }
    return false;
  }

  bool write_status_due(uint64_t now_us) {
    const uint32_t now = static_cast<uint32_t>(now_us);
    bool contact_changed = false;
    for (uint8_t i = 0; i < kStreams; ++i) contact_changed |= streams_[i].contact().off() != contact_told_[i];
    if (now - status_us_ < (contact_changed ? kContactStatusUs : kStatusUs)) return false;
    status_us_ = now;
    write_status(frame_,
                 {now_us, health_.battery_mv, health_.battery_percent, health_.temperature_cdegc, kStreams});
    for (uint8_t i = 0; i < kStreams; ++i) {
      Stream& stream = streams_[i];
      contact_told_[i] = stream.contact().off();
      write_stream_status(frame_, {stream.info().id, stream.next(), stream.oldest_held(), stream.lost(),
                                   contact_told_[i], stream.contact().take_saturated()});
    }
    return true;
  }

  bool write_overwritten(uint32_t now) {
    if (now - gone_us_ < kRepeatUs) return false;
    if (write_signal(&Stream::write_overwritten)) return true;
    gone_us_ = now;  // all streams have told theirs
    return false;
  }

  /// Asks the streams in turn, beginning after the one that had the last word.
  bool write_signal(bool (Stream::*write)(FrameWriter&)) {
    for (uint8_t n = 0; n < kStreams; ++n) {
      turn_ = turn_ + 1 < kStreams ? static_cast<uint8_t>(turn_ + 1) : uint8_t{0};
      Stream& stream = streams_[turn_];
      if ((stream.*write)(frame_)) return true;
    }
    return false;
  }

  Board& board_;
  Stream streams_[kStreams];
  FrameReader<kCommandBody> commands_;
  FrameWriter frame_;
  Bytes pending_ = {nullptr, 0};
  Identity identity_ = {};
  DeviceSettings settings_ = {};
  Health health_ = kHealthNotMeasured;
  Ignored ignored_ = {};
  Marker markers_[kMarkersHeld] = {};
  uint64_t identify_until_us_ = 0;
  uint32_t hello_us_ = 0;  // when each was last sent
  uint32_t status_us_ = 0;
  uint32_t gone_us_ = 0;
  uint16_t contact_told_[kStreams] = {};
  uint16_t presses_ = 0;
  uint8_t markers_held_ = 0;
  uint8_t turn_ = 0;  // the stream that had the last word
  bool started_ = false;
  bool hello_due_ = false;
};

}  // namespace fasciwatch
