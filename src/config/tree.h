/* SPDX-License-Identifier: MIT */
/* Inside config/: putting a tree of nodes, the environment and flags into a struct config. */
#pragma once

#include "config/config.h"
#include "config/problem.h"
#include "config/schema.h"
#include "config/yaml.h"

extern const size_t option_count;

/* True for a row of a list's element ("upstreams[].url"). */
bool option_is_item(const struct opt *);

/* The list behind an OPT_LIST row, whatever its elements are. */
struct any_list {
    void *items;
    size_t count;
};
struct any_list option_list(const struct config *, const struct opt *);
void option_list_set(struct config *, const struct opt *, struct any_list);
const struct opt *option_item_first(const struct opt *list);
bool option_item_of(const struct opt *list, const struct opt *);
void option_items_free(const struct opt *list, struct any_list);

/* Where a value came from; zero = the default. One for each row. */
struct option_origin {
    char *text;       /* "config.yaml:12", "--threads" */
    int line, column; /* in config->path; 0 = not from there */
};
void origin_set(struct config *, const struct opt *, const char *text, int line, int column);

/* A configuration with every default. One reference. */
struct config *config_new(void);

/* One after the other, each stronger than those before. */
void tree_apply(struct config *, const struct node *root, struct report *);
void environment_apply(struct config *, struct report *);
void override_apply(struct config *, const struct config_override *, struct report *);

/* What no single row can say. May correct values (with a warning). */
void config_validate(struct config *, struct report *);

/* One value, named `path` in messages; `base` is the config or the list's element. */
void node_apply(struct config *, const struct opt *, void *base, const struct node *,
                const char *path, const char *origin, struct report *);

/* The element with this index; the one past the end is made. NULL: too far. */
void *list_element(struct config *, const struct opt *list, size_t index);

/* Tells that a path is none: without effect by now, or unknown. */
void key_refuse(struct config *, const char *path, struct report *);
