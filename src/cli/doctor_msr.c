/* SPDX-License-Identifier: MIT */
/* Prefetcher registers that RandomX miners set on known CPU families. Only the way to set them is
 * printed: this program never writes them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/doctor.h"

/* One register; `keep`: the bits that stay as they are. */
struct msr {
    uint32_t at;
    uint64_t value, keep;
};

struct family {
    const char *title;
    struct msr msr[5]; /* ends with at = 0 */
};

enum { ZEN12, ZEN3, ZEN45, INTEL };

static const struct family families[] = {
    [ZEN12] = {"Zen 1, Zen 2",
               {{0xc0011020, 0, 0},
                {0xc0011021, 0x40, 0x20},
                {0xc0011022, 0x1510000, 0},
                {0xc001102b, 0x2000cc16, 0}}},
    [ZEN3] = {"Zen 3",
              {{0xc0011020, 0x0004480000000000, 0},
               {0xc0011021, 0x001c000200000040, 0x20},
               {0xc0011022, 0xc000000401570000, 0},
               {0xc001102b, 0x2000cc10, 0}}},
    [ZEN45] = {"Zen 4, Zen 5",
               {{0xc0011020, 0x0004400000000000, 0},
                {0xc0011021, 0x0004000000000040, 0x20},
                {0xc0011022, 0x8680000401570000, 0},
                {0xc001102b, 0x2040cc10, 0}}},
    [INTEL] = {"Intel", {{0x1a4, 0xf, 0}}},
};

/* Family and model numbers as /proc/cpuinfo prints them, decimal. NULL: no registers known. */
static const struct family *family_of(const char *vendor, long family, long model)
{
    if (!strcmp(vendor, "GenuineIntel"))
        return &families[INTEL];
    if (strcmp(vendor, "AuthenticAMD") != 0 && strcmp(vendor, "HygonGenuine") != 0)
        return NULL;
    if (family == 0x17 || family == 0x18)
        return &families[ZEN12];
    if (family == 0x19) /* Zen 4 shares the number with Zen 3 */
        return &families[(model >= 0x10 && model <= 0x1f) || model >= 0x60 ? ZEN45 : ZEN3];
    return family == 0x1a ? &families[ZEN45] : NULL;
}

/* Saves what is there, then sets each register on every CPU. */
static void write_commands(const struct family *family, char *out, size_t size)
{
    AUTO_STR struct str text = {0};

    str_add(&text, "modprobe msr allow_writes=on\n");
    for (const struct msr *m = family->msr; m->at; m++)
        str_addf(&text, "rdmsr 0x%x    # note it, to set it back\n", m->at);
    for (const struct msr *m = family->msr; m->at; m++) {
        if (m->keep)
            str_addf(&text, "wrmsr -a 0x%x $(( 0x%llx | 0x$(rdmsr 0x%x) & 0x%llx ))\n", m->at,
                     (unsigned long long)m->value, m->at, (unsigned long long)m->keep);
        else
            str_addf(&text, "wrmsr -a 0x%x 0x%llx\n", m->at, (unsigned long long)m->value);
    }
    (void)text_copy(out, size, str_text(&text));
    if (*out && out[strlen(out) - 1] == '\n')
        out[strlen(out) - 1] = '\0';
}

/* Is a word among those of a line? */
static bool has_word(const char *line, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = strstr(line, word); at; at = strstr(at + 1, word))
        if ((at == line || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
            return true;
    return false;
}

void doctor_look_at_msr(const char *root, struct finding *f)
{
    char vendor[64], number[2][32], flags[4096], lockdown[128], module[8];

    (void)doctor_cpuinfo(root, "vendor_id", vendor, sizeof vendor);
    (void)doctor_cpuinfo(root, "cpu family", number[0], sizeof number[0]);
    (void)doctor_cpuinfo(root, "model", number[1], sizeof number[1]);
    (void)doctor_cpuinfo(root, "flags", flags, sizeof flags);
    (void)doctor_line(root, "/sys/kernel/security/lockdown", lockdown, sizeof lockdown);
    bool loaded =
        doctor_line(root, "/sys/module/msr/uevent", module, sizeof module) ||
        doctor_line(root, "/sys/module/msr/parameters/allow_writes", module, sizeof module);
    const struct family *family =
        family_of(vendor, strtol(number[0], NULL, 10), strtol(number[1], NULL, 10));

    f->state = FINDING_NOTE;
    if (!family) {
        (void)text_copy(f->now, sizeof f->now, "no prefetcher registers are known for this CPU");
    } else if (has_word(flags, "hypervisor")) {
        (void)snprintf(f->now, sizeof f->now,
                       "%s, in a virtual machine: only the host can set the registers",
                       family->title);
    } else if (strstr(lockdown, "[integrity]") || strstr(lockdown, "[confidentiality]")) {
        (void)snprintf(f->now, sizeof f->now,
                       "%s; the kernel is locked down (Secure Boot) and refuses to set them",
                       family->title);
    } else {
        f->state = FINDING_GAIN;
        (void)snprintf(f->now, sizeof f->now, "%s; the msr module is %sloaded", family->title,
                       loaded ? "" : "not ");
        (void)text_copy(f->gain, sizeof f->gain,
                        "RandomX up to about 15 % as its miners report, nothing for the others; "
                        "other programs may become slower; lost at the next boot and after sleep");
        write_commands(family, f->command, sizeof f->command);
    }
}
