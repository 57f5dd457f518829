/* SPDX-License-Identifier: MIT */
/* `otedama doctor [cpu]`: what would make this machine hash faster, with the command. It only reads
 * and needs no privileges. */
#include "cli/doctor.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "algo/cpu.h"
#include "base/str.h"
#include "cli/cli.h"

static const struct {
    const char *name;
    const struct doctor_check *checks;
} groups[] = {{"cpu", doctor_cpu}};
enum { GROUPS = sizeof groups / sizeof *groups };

static const char *const states[] = {
    [FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_GAIN] = "gain"};

static void print_row(const struct doctor_check *check, const struct finding *f)
{
    (void)printf("%-4s  %-12s %s\n", states[f->state], check->title, f->now);
    if (*f->gain)
        (void)printf("      %-12s gain: %s\n", "", f->gain);
    for (const char *line = f->command; *line;) {
        size_t len = strcspn(line, "\n");
        (void)printf("      %-12s %s %.*s\n", "", line == f->command ? "as root:" : "        ",
                     (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static void print_json(const char *group, const struct doctor_check *check, const struct finding *f)
{
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "group", group, "check", check->name, "state",
                  states[f->state], "now", f->now, "gain", f->gain, "command", f->command);

    (void)json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    (void)putchar('\n');
    json_decref(o);
}

/* Returns how many checks have something to gain. */
static unsigned look(const char *group, const struct doctor_check *checks, bool json)
{
    unsigned gains = 0;

    for (; checks->name; checks++) {
        struct finding f = {0};
        checks->look("", &f);
        gains += f.state == FINDING_GAIN;
        if (json)
            print_json(group, checks, &f);
        else
            print_row(checks, &f);
    }
    return gains;
}

int cli_doctor(int argc, char **argv, struct fault *why)
{
    bool json = false, known = false;
    const struct cli_option options[] = {{"--json", CLI_FLAG, &json}, {0}};
    int words = cli_options(argc, argv, options, why);
    unsigned gains = 0;

    if (words < 0)
        return EXIT_BAD_USAGE;
    for (unsigned i = 0; i < GROUPS; i++)
        known = known || !words || !strcmp(argv[1], groups[i].name);
    if (words > 1 || !known)
        return fault_set(why, EXIT_BAD_USAGE, "doctor looks at: cpu");
    if (!json)
        (void)printf("%s\n", cpu_model());
    for (unsigned i = 0; i < GROUPS; i++)
        if (!words || !strcmp(argv[1], groups[i].name))
            gains += look(groups[i].name, groups[i].checks, json);
    if (!json)
        (void)printf("%u of these would gain something\n", gains);
    return gains ? EXIT_RUNTIME : EXIT_OK;
}
