/* SPDX-License-Identifier: MIT */
/* The drivers, in probe order. */
#include "device/driver.h"

extern const struct driver driver_cpu, driver_sim;

const struct driver *const drivers[] = {
    &driver_cpu,
    &driver_sim,
    NULL,
};
