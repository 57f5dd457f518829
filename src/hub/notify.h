/* SPDX-License-Identifier: MIT */
/* The service manager's notification protocol (sd_notify(3)), without its library. Main thread. */
#pragma once

#include <stdint.h>

/* Sends "READY=1", "STATUS=...", "STOPPING=1", ... Silently does nothing without NOTIFY_SOCKET. */
void notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Interval at which "WATCHDOG=1" is due, microseconds: half of WATCHDOG_USEC; 0 = not wanted. */
int64_t notify_watchdog_us(void);
