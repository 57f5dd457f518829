/* SPDX-License-Identifier: MIT */
/* Configuration files: any bytes give a configuration or problems, never a crash, and what is
 * printed of a configuration reads back as the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config/tree.h"
#include "config/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct config *load(const char *text, size_t len)
{
    struct report report = {0};
    struct config *config = config_new();
    struct node *root = yaml_parse(text, len, "input", &report);

    if (root) {
        tree_apply(config, root, &report);
        if (!report.errors)
            config_validate(config, &report);
    }
    if (!root && !report.errors)
        abort(); /* refused without a reason */
    node_free(root);
    return config;
}

/* Every top-level text, printed and read again, is the same. */
static void round_trip(const struct config *config)
{
    struct report report = {0};
    AUTO_STR struct str yaml = {0};

    str_add(&yaml, "app: {name: ");
    option_value(config, option_find("app.name"), &yaml);
    str_add(&yaml, "}\nupstreams: ");
    option_value(config, option_find("upstreams"), &yaml);
    str_add(&yaml, "\nmining: {gpu: {devices: ");
    option_value(config, option_find("mining.gpu.devices"), &yaml);
    str_add(&yaml, "}}\n");
    struct config *again = config_new();
    struct node *root = yaml_parse(yaml.s, yaml.len, "printed", &report);
    if (root)
        tree_apply(again, root, &report);
    bool same = root && strcmp(again->app.name, config->app.name) == 0 &&
                again->mining.gpu.devices.count == config->mining.gpu.devices.count;
    for (size_t i = 0; same && i < config->mining.gpu.devices.count; i++)
        same = !strcmp(again->mining.gpu.devices.items[i], config->mining.gpu.devices.items[i]);
    if (!same)
        abort();
    node_free(root);
    config_unref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = xmalloc(size + 1);

    if (size)
        memcpy(text, data, size);
    text[size] = 0;
    struct config *config = load(text, size);
    round_trip(config);
    config_unref(config);
    return 0;
}
