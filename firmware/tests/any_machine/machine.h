// What a program without an operating system's library needs of the machine that runs it.
#pragma once

#include <stddef.h>

#if defined(__riscv)

inline long system_call(long number, long first, long second, long third) {
  register long a7 asm("a7") = number;
  register long a0 asm("a0") = first;
  register long a1 asm("a1") = second;
  register long a2 asm("a2") = third;
  asm volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
  return a0;
}

inline void write_out(const char* text, size_t size) {
  system_call(64, 1, reinterpret_cast<long>(text),
              static_cast<long>(size));  // Linux: write to standard output
}

int main();

extern "C" [[noreturn]] inline __attribute__((used)) void run() {
  for (;;) system_call(93, main(), 0, 0);  // Linux: exit
}

asm(".globl _start\n"
    "_start:\n"
    ".option push\n"
    ".option norelax\n"
    "  la gp, __global_pointer$\n"
    ".option pop\n"
    "  j run\n");

#else

#include <stdio.h>

inline void write_out(const char* text, size_t size) {
  fwrite(text, 1, size, stdout);
}

#endif
