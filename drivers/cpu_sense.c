/* SPDX-License-Identifier: MIT */
/* /sys/class/hwmon: the first monitor that a CPU driver registered (kernel documentation, hwmon
 * sysfs interface: temp1_input is in thousandths of a degree Celsius). */
#include "drivers/cpu_sense.h"

#include <stdio.h>
#include <string.h>

enum { MONITORS = 32 };

static const char *const cpu_monitors[] = {"coretemp", "k10temp", "zenpower", "cpu_thermal", NULL};

static bool read_line(const char *path, char *line, int size)
{
    FILE *f = fopen(path, "re");
    bool ok = f && fgets(line, size, f);

    if (f)
        (void)fclose(f);
    if (ok)
        line[strcspn(line, "\n")] = '\0';
    return ok;
}

static bool is_cpu(const char *name)
{
    for (const char *const *at = cpu_monitors; *at; at++)
        if (!strcmp(*at, name))
            return true;
    return false;
}

void cpu_sensor_find(char path[CPU_SENSOR_MAX])
{
    char name[32];
    float celsius;

    for (int i = 0; i < MONITORS; i++) {
        (void)snprintf(path, CPU_SENSOR_MAX, "/sys/class/hwmon/hwmon%d/name", i);
        if (!read_line(path, name, sizeof name) || !is_cpu(name))
            continue;
        (void)snprintf(path, CPU_SENSOR_MAX, "/sys/class/hwmon/hwmon%d/temp1_input", i);
        if (cpu_sensor_read(path, &celsius))
            return;
    }
    *path = '\0';
}

bool cpu_sensor_read(const char *path, float *celsius)
{
    char line[32];
    int milli;

    if (!read_line(path, line, sizeof line) || sscanf(line, "%d", &milli) != 1)
        return false;
    *celsius = (float)milli / 1000;
    return true;
}
