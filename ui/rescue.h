/* SPDX-License-Identifier: MIT */
/* Puts the terminal back when the program crashes. One terminal per process. */
#pragma once

#include <stddef.h>
#include <termios.h>

/* From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT first write `bytes` to `fd` and set
 * `modes` (may be NULL), then do what they did before. Copies both. */
void rescue_arm(int fd, const struct termios *modes, const char *bytes, size_t n);
void rescue_disarm(void);
