/* SPDX-License-Identifier: MIT */
/* `otedama devices`: what is found on this machine, and the CPU's engine for each algorithm. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "algo/algo.h"
#include "algo/cpu.h"
#include "cli/cli.h"
#include "device/driver.h"

static const char *engine(const struct algo *algo)
{
    const struct algo_impl *impl = algo_impl_pick(algo, "auto", NULL);

    return impl ? impl->name : "";
}

static void print_json(const struct device_info *info)
{
    json_t *engines = json_object();
    bool is_cpu = !strcmp(info->kind, "cpu");

    for (const struct algo *const *at = algos; *at && is_cpu; at++)
        (void)json_object_set_new(engines, (*at)->name, json_string(engine(*at)));
    json_t *row = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:o}", "number", (int)info->number,
                            "id", info->id, "kind", info->kind, "name", info->name, "driver",
                            info->driver->name, "threads", (int)info->threads, "engines", engines);
    (void)json_dumpf(row, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    (void)putchar('\n');
    json_decref(row);
}

static void print_table(const struct device_info *info, unsigned count)
{
    (void)printf("%-3s %-8s %-5s %-7s %s\n", "#", "id", "kind", "threads", "name");
    for (unsigned i = 0; i < count; i++)
        (void)printf("%-3u %-8s %-5s %-7u %s\n", info[i].number, info[i].id, info[i].kind,
                     info[i].threads, info[i].name);
    (void)printf("\nCPU features:");
    for (unsigned bit = 1; bit <= CPU_AES; bit <<= 1)
        if (cpu_features() & bit)
            (void)printf(" %s", cpu_feature_name(bit));
    (void)printf("\nCPU engines:");
    for (const struct algo *const *at = algos; *at; at++)
        (void)printf(" %s=%s", (*at)->name, engine(*at));
    (void)putchar('\n');
}

int cli_devices(int argc, char **argv, struct fault *why)
{
    /* all kinds, whatever the configuration enables: this lists what there is */
    struct config config = {
        .mining = {.enable_cpu = true, .enable_gpu = true, .enable_asic = true}};
    struct device_info info[DEVICE_MAX];
    bool json = false;
    const struct cli_option options[] = {{"--json", CLI_FLAG, &json}, {0}};

    if (cli_options(argc, argv, options, why) < 0)
        return EXIT_BAD_USAGE;
    unsigned count = devices_find(&config, info, DEVICE_MAX);
    if (!json)
        print_table(info, count);
    for (unsigned i = 0; i < count && json; i++)
        print_json(&info[i]);
    return EXIT_OK;
}
