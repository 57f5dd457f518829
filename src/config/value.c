/* SPDX-License-Identifier: MIT */
/* One row per type of option: how it is read, printed and freed. */
#include "config/value.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "config/value_types.h"

static void *field(const struct opt *o, void *base)
{
    return (char *)base + o->at;
}

static const void *field_const(const struct opt *o, const void *base)
{
    return (const char *)base + o->at;
}

/* --- the types ---------------------------------------------------------------------------------*/

static const struct {
    const char *name;
    bool (*set)(const struct opt *, void *at, const char *text, struct str *why);
    void (*print)(const void *at, struct str *);
    bool is_text; /* char * */
} types[OPT_TYPES] = {
    [OPT_BOOL] = {"true or false", set_bool, print_bool, false},
    [OPT_INT] = {"whole number", set_int, print_int, false},
    [OPT_UINT] = {"whole number", set_uint, print_uint, false},
    [OPT_REAL] = {"number", set_real, print_double, false},
    [OPT_TEXT] = {"text", set_text, print_text, true},
    [OPT_CHOICE] = {"choice", set_choice, print_text, true},
    [OPT_ADDRESS] = {"address", set_address, print_text, true},
    [OPT_URL] = {"URL", set_url, print_text, true},
    [OPT_TEXTS] = {"list of texts", set_texts, print_texts, false},
    [OPT_TIME] = {"duration", set_time, print_time, false},
    [OPT_SIZE] = {"size", set_size, print_size, false},
    [OPT_PERCENT] = {"percentage", set_percent, print_percent, false},
    [OPT_LIST] = {"list", NULL, NULL, false},
};

const char *option_type_name(enum opt_type type)
{
    return types[type].name;
}

bool value_set(const struct opt *o, void *base, const char *text, struct str *why)
{
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            str_add(why, "must not contain line ends or control characters");
            return false;
        }
    }
    return types[o->type].set(o, field(o, base), text, why);
}

void value_append(const struct opt *o, void *base, const char *text)
{
    struct text_list *list = field(o, base);

    list->items = xreallocarray(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = xstrdup(text);
}

void value_print(const struct opt *o, const void *base, struct str *out)
{
    types[o->type].print(field_const(o, base), out);
}

void value_clear(const struct opt *o, void *base)
{
    void *at = field(o, base);

    if (types[o->type].is_text) {
        free(*(char **)at);
        *(char **)at = NULL;
    } else if (o->type == OPT_TEXTS) {
        struct text_list *list = at;
        for (size_t i = 0; i < list->count; i++)
            free(list->items[i]);
        free(list->items);
        *list = (struct text_list){0};
    }
}

void value_blank(const struct opt *o, void *base)
{
    char **at = field(o, base);

    if (!types[o->type].is_text)
        return;
    free(*at);
    *at = xstrdup("");
}
