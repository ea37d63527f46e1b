// An Arduino Uno without the Uno: runs the sketch's ELF in simavr, cycle by cycle.
//
//   simulated_uno --elf uno.elf --link PATH --emg CODES [--motion AXES] [--eeprom FILE] [--patience MS]
//                 [--deaf FROM-TO]
//
// The serial port is a pseudo terminal behind the symbolic link PATH; the board is switched on when it is
// opened, as a real one is reset. A0 gets the next of CODES (uint16, 0-1023) at each conversion; an MPU-6050
// on I2C gives the next of AXES (int16 x, y, z) at each read; both begin anew at their end. EEPROM comes from
// FILE and goes back to it. Bytes that the reader leaves in the terminal for longer than the patience are
// thrown away, as a USB bridge does; between the seconds FROM and TO all of them are. SIGTERM ends it. That
// the port is there, each second of the board's time and what was measured are told on standard output, one
// JSON record a line.
#define _GNU_SOURCE
#include <avr_adc.h>
#include <avr_eeprom.h>
#include <avr_timer.h>
#include <avr_twi.h>
#include <avr_uart.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sim_avr.h>
#include <sim_elf.h>
#include <sim_io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
  kClockHz = 16000000,
  kSupplyMillivolts = 5000,
  kPollCycles = 16000,      // 1 ms between looks at the terminal
  kGpior0 = 0x3E,           // data address; the sketch sets it to 1 while it encodes
  kAdcsrb = 0x7B,           // data address
  kAutoTriggerMask = 0x07,  // in ADCSRB
  kTimer1CompareB = 0x05,   // of them
  kSensorAddress = 0x68,    // MPU-6050
  kFirstAxisRegister = 0x3B,
  kOpenDelayUs = 100000,  // a reader sets the line up after opening it
  kDrainUs = 300000,      // what is still in the terminal is read after the end
};

typedef struct {
  const void* data;
  size_t count, next;
} Tape;

static avr_t* avr;
static avr_irq_t *uart_in, *twi_in;
static int terminal = -1;
static int patience_ms = 2000;
static double deaf_from_s, deaf_to_s;
static int board_takes_bytes = 1;
static uint8_t outgoing[256], incoming[256];
static size_t outgoing_size, incoming_size;
static Tape emg, motion;
static uint8_t sensor_registers[256], sensor_register;
static uint8_t sensor_selected;  // the address it was selected by; 0 when it is not
static int sensor_index;
static struct {
  uint64_t conversions, last_cycle, shortest, longest;                        // between conversions, cycles
  uint64_t sent, thrown_away;                                                 // bytes
  uint64_t asleep, encoding, encoding_since, longest_encoding;                // cycles
  uint64_t motion_reads, last_motion_cycle, shortest_motion, longest_motion;  // between reads, cycles
  uint16_t lowest_stack;
} seen = {.shortest = UINT64_MAX, .shortest_motion = UINT64_MAX, .lowest_stack = UINT16_MAX};

static volatile sig_atomic_t told_to_stop;
static void on_sigterm(int number) {
  (void)number;
  told_to_stop = 1;
}

static void* read_whole(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  void* data = malloc(*size);
  if (fread(data, 1, *size, file) != *size) exit(1);
  fclose(file);
  return data;
}

static Tape load_tape(const char* path, size_t record_size) {
  Tape tape = {0};
  tape.data = read_whole(path, &tape.count);
  tape.count /= record_size;
  return tape;
}

static size_t advance(Tape* tape) {
  size_t at = tape->next;
  tape->next = (at + 1) % tape->count;
  return at;
}

// ---- the serial port ----

static void send_out(void) {
  double now_s = (double)avr->cycle / kClockHz;
  size_t done = now_s >= deaf_from_s && now_s < deaf_to_s ? outgoing_size : 0;
  seen.thrown_away += done;
  while (done < outgoing_size) {
    ssize_t written = write(terminal, outgoing + done, outgoing_size - done);
    if (written > 0) {
      done += (size_t)written;
      continue;
    }
    struct pollfd room = {terminal, POLLOUT, 0};
    if (poll(&room, 1, patience_ms) <= 0) {
      seen.thrown_away += outgoing_size - done;
      break;
    }
  }
  outgoing_size = 0;
}

static void on_uart_byte(avr_irq_t* irq, uint32_t value, void* param) {
  (void)irq, (void)param;
  outgoing[outgoing_size++] = (uint8_t)value;
  seen.sent++;
  if (outgoing_size == sizeof outgoing) send_out();
}

static void on_uart_flow(avr_irq_t* irq, uint32_t value, void* param) {
  (void)irq, (void)value;
  board_takes_bytes = param != NULL;
}

static void take_in(void) {
  ssize_t got = read(terminal, incoming + incoming_size, sizeof incoming - incoming_size);
  if (got > 0) incoming_size += (size_t)got;
  size_t given = 0;
  while (board_takes_bytes && given < incoming_size) avr_raise_irq(uart_in, incoming[given++]);
  incoming_size -= given;
  memmove(incoming, incoming + given, incoming_size);
}

static int open_terminal(const char* link) {
  char name[64];
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (master < 0 || grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof name)) exit(1);
  struct termios raw;
  tcgetattr(master, &raw);
  cfmakeraw(&raw);
  tcsetattr(master, TCSANOW, &raw);
  close(open(name, O_RDWR | O_NOCTTY));  // from now on POLLHUP tells that nobody has it open
  unlink(link);
  if (symlink(name, link)) exit(1);
  return master;
}

static void wait_for_reader(void) {
  struct pollfd line = {terminal, POLLIN, 0};
  do {
    usleep(2000);
    poll(&line, 1, 0);
  } while (line.revents & POLLHUP && !told_to_stop);
  usleep(kOpenDelayUs);
}

// ---- what is wired to the board ----

static void on_conversion(avr_irq_t* irq, uint32_t value, void* param) {
  (void)irq, (void)value, (void)param;
  uint16_t code = ((const uint16_t*)emg.data)[advance(&emg)];
  uint32_t millivolts =
      (code * kSupplyMillivolts + 1022u) / 1023u;  // rounded up, so that simavr finds the code again
  avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0), millivolts);
  if (seen.conversions++ > 0) {
    uint64_t interval = avr->cycle - seen.last_cycle;
    if (interval < seen.shortest) seen.shortest = interval;
    if (interval > seen.longest) seen.longest = interval;
  }
  seen.last_cycle = avr->cycle;
}

/// Only what the timer starts is the signal; a conversion that the sketch itself asks for is not.
static int triggered_by_timer(void) {
  return (avr->data[kAdcsrb] & kAutoTriggerMask) == kTimer1CompareB;
}

static void on_adc(avr_irq_t* irq, uint32_t value, void* param) {
  if (triggered_by_timer()) on_conversion(irq, value, param);
}

// simavr's ADC knows auto trigger, but its timer does not pull it.
static void on_compare(avr_irq_t* irq, uint32_t value, void* param) {
  (void)irq, (void)value, (void)param;
  if (triggered_by_timer()) avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_IN_TRIGGER), 1);
}

static void present_motion(void) {
  const int16_t* axes = (const int16_t*)motion.data + 3 * advance(&motion);
  for (int axis = 0; axis < 3; ++axis) {
    sensor_registers[kFirstAxisRegister + 2 * axis] = (uint8_t)(axes[axis] >> 8);
    sensor_registers[kFirstAxisRegister + 2 * axis + 1] = (uint8_t)axes[axis];
  }
  if (seen.motion_reads++ > 0) {
    uint64_t interval = avr->cycle - seen.last_motion_cycle;
    if (interval < seen.shortest_motion) seen.shortest_motion = interval;
    if (interval > seen.longest_motion) seen.longest_motion = interval;
  }
  seen.last_motion_cycle = avr->cycle;
}

static void on_i2c(avr_irq_t* irq, uint32_t value, void* param) {
  (void)irq, (void)param;
  avr_twi_msg_irq_t message = {.u.v = value};
  uint8_t kind = message.u.twi.msg;
  if (kind & TWI_COND_STOP) sensor_selected = 0;
  if (kind & TWI_COND_START) {
    sensor_selected = motion.count && message.u.twi.addr >> 1 == kSensorAddress ? message.u.twi.addr : 0;
    sensor_index = 0;
    if (sensor_selected) avr_raise_irq(twi_in, avr_twi_irq_msg(TWI_COND_ACK, sensor_selected, 1));
  }
  if (!sensor_selected) return;
  if (kind & TWI_COND_WRITE) {
    avr_raise_irq(twi_in, avr_twi_irq_msg(TWI_COND_ACK, sensor_selected, 1));
    if (sensor_index++ == 0) {
      sensor_register = message.u.twi.data;
    } else {
      sensor_registers[sensor_register++] = message.u.twi.data;
    }
  }
  if (kind & TWI_COND_READ) {
    if (sensor_register == kFirstAxisRegister) present_motion();
    avr_raise_irq(twi_in,
                  avr_twi_irq_msg(TWI_COND_READ, sensor_selected, sensor_registers[sensor_register++]));
  }
}

// ---- what is measured ----

static void on_encoding_mark(avr_t* core, avr_io_addr_t addr, uint8_t value, void* param) {
  (void)param;
  core->data[addr] = value;
  if (value) {
    seen.encoding_since = core->cycle;
  } else {
    uint64_t took = core->cycle - seen.encoding_since;
    seen.encoding += took;
    if (took > seen.longest_encoding) seen.longest_encoding = took;
  }
}

static void on_sleep(avr_t* core, avr_cycle_count_t how_long) {
  (void)core;
  seen.asleep += how_long;
}

static void log_errors(avr_t* core, const int level, const char* format, va_list args) {
  (void)core;
  if (level == LOG_ERROR) vfprintf(stderr, format, args);
}

static avr_cycle_count_t on_poll(avr_t* core, avr_cycle_count_t when, void* param) {
  (void)param;
  if (outgoing_size) send_out();
  take_in();
  if (when % kClockHz == 0) {
    printf("{\"second\": %llu}\n", (unsigned long long)(core->cycle / kClockHz));
    fflush(stdout);
  }
  return when + kPollCycles;
}

static void tell(const char* name, uint64_t figure) {
  printf("\"%s\": %llu, ", name, (unsigned long long)figure);
}

static void report(void) {
  printf("{");
  tell("conversions", seen.conversions);
  tell("shortest_interval", seen.shortest);
  tell("longest_interval", seen.longest);
  tell("motion_reads", seen.motion_reads);
  tell("shortest_motion", seen.shortest_motion);
  tell("longest_motion", seen.longest_motion);
  tell("sent", seen.sent);
  tell("thrown_away", seen.thrown_away);
  tell("asleep", seen.asleep);
  tell("encoding", seen.encoding);
  tell("longest_encoding", seen.longest_encoding);
  tell("lowest_stack", seen.lowest_stack);
  printf("\"cycles\": %llu}\n", (unsigned long long)avr->cycle);
  fflush(stdout);
}

// ---- the board ----

static void make_board(const char* elf) {
  elf_firmware_t firmware = {0};
  avr_global_logger_set(log_errors);
  if (elf_read_firmware(elf, &firmware)) exit(1);
  firmware.frequency = kClockHz;
  avr = avr_make_mcu_by_name("atmega328p");
  avr_init(avr);
  avr_load_firmware(avr, &firmware);
  avr->sleep = on_sleep;
  avr->vcc = avr->avcc = avr->aref = kSupplyMillivolts;
}

static void wire_board(void) {
  uint32_t flags = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POOL_SLEEP);
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  uart_in = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
  twi_in = avr_io_getirq(avr, AVR_IOCTL_TWI_GETIRQ(0), TWI_IRQ_INPUT);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_uart_byte,
                          NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_uart_flow,
                          avr);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_uart_flow,
                          NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_OUT_TRIGGER), on_adc, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_TIMER_GETIRQ('1'), TIMER_IRQ_OUT_COMP + 1), on_compare,
                          NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_TWI_GETIRQ(0), TWI_IRQ_OUTPUT), on_i2c, NULL);
  avr_register_io_write(avr, kGpior0, on_encoding_mark, NULL);
  avr_cycle_timer_register(avr, kPollCycles, on_poll, NULL);
}

static void load_eeprom(const char* path) {
  if (access(path, R_OK)) return;
  size_t size;
  avr_eeprom_desc_t memory = {.ee = read_whole(path, &size), .offset = 0};
  memory.size = (uint32_t)size;
  avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &memory);
}

static void save_eeprom(const char* path) {
  uint8_t bytes[1024];
  avr_eeprom_desc_t memory = {.ee = bytes, .offset = 0, .size = sizeof bytes};
  avr_ioctl(avr, AVR_IOCTL_EEPROM_GET, &memory);
  FILE* file = fopen(path, "wb");
  if (!file || fwrite(bytes, 1, sizeof bytes, file) != sizeof bytes) exit(1);
  fclose(file);
}

static void run(void) {
  while (!told_to_stop) {
    int state = avr_run(avr);
    if (state == cpu_Done || state == cpu_Crashed) {
      fprintf(stderr, "the processor stopped at 0x%x\n", avr->pc);
      exit(1);
    }
    uint16_t stack = (uint16_t)(avr->data[R_SPL] | avr->data[R_SPH] << 8);
    if (seen.conversions && stack < seen.lowest_stack) seen.lowest_stack = stack;
  }
}

int main(int argc, char** argv) {
  static const struct option options[] = {
      {"elf", 1, 0, 'e'},    {"link", 1, 0, 'l'}, {"emg", 1, 0, 'a'},      {"motion", 1, 0, 'm'},
      {"eeprom", 1, 0, 'k'}, {"deaf", 1, 0, 'd'}, {"patience", 1, 0, 'p'}, {0}};
  const char *elf = NULL, *link = NULL, *eeprom = NULL;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    switch (option) {
      case 'e': elf = optarg; break;
      case 'l': link = optarg; break;
      case 'a': emg = load_tape(optarg, sizeof(uint16_t)); break;
      case 'm': motion = load_tape(optarg, 3 * sizeof(int16_t)); break;
      case 'k': eeprom = optarg; break;
      case 'd': sscanf(optarg, "%lf-%lf", &deaf_from_s, &deaf_to_s); break;
      case 'p': patience_ms = atoi(optarg); break;
      default: return 2;
    }
  }
  if (!elf || !link || !emg.count) return 2;
  signal(SIGTERM, on_sigterm);
  make_board(elf);
  wire_board();
  if (eeprom) load_eeprom(eeprom);
  terminal = open_terminal(link);
  printf("{\"ready\": true}\n");
  fflush(stdout);
  wait_for_reader();
  run();
  send_out();
  if (eeprom) save_eeprom(eeprom);
  report();
  usleep(kDrainUs);
  unlink(link);
  return 0;
}
