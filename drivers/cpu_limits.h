/* SPDX-License-Identifier: MIT */
/* Limits of the control group the program runs in. */
#pragma once

/* CPUs' worth of time the control group grants, rounded up; 0 = no limit. Any thread. */
unsigned cpu_quota(void);
