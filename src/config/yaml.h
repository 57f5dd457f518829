/* SPDX-License-Identifier: MIT */
/* YAML into a tree of places and texts. The subset: block and flow maps and lists, scalars,
 * comments; no anchors, aliases, merge keys, tags other than !file, or second documents; a key
 * given twice is an error. At most 1 MB, 32 levels, 5000 values. Hostile input is expected. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/problem.h"

enum { YAML_FILE_MAX = 1 << 20, YAML_DEPTH_MAX = 32, YAML_NODES_MAX = 5000 };

enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct node {
    enum node_kind kind;
    struct place place;     /* of the value; the file's name is borrowed from the caller */
    struct place key_place; /* in a map: of its key */
    char *key;              /* in a map; else NULL */
    char *text;             /* scalar: UTF-8 without control bytes */
    bool null;              /* scalar: nothing, ~ or null, unquoted */
    bool literal;           /* scalar: quoted singly, "${X}" means itself */
    bool file;              /* scalar: tagged !file */
    struct node **child;
    size_t count;
};

/* Parses; an empty document gives an empty map. NULL with a problem reported. `file` names the
 * input in messages (NULL for text from elsewhere) and must outlive the tree. */
struct node *yaml_parse(const char *text, size_t len, const char *file, struct report *);
void node_free(struct node *); /* NULL is fine */
