/* SPDX-License-Identifier: MIT */
/* libyaml's events into nodes, with every limit checked on the way. */
#include "config/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <yaml.h>

#include "base/alloc.h"
#include "base/str.h"

struct builder {
    struct report *report;
    const char *file;
    struct node *open[YAML_DEPTH_MAX]; /* maps and lists around the current place */
    unsigned depth;
    unsigned nodes;
    struct node *root;
    char *key; /* read, waiting for its value */
    struct place key_place;
};

void node_free(struct node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->count; i++)
        node_free(node->child[i]);
    free(node->child);
    free(node->key);
    free(node->text);
    free(node);
}

static struct place place_of(const struct builder *b, const yaml_mark_t *mark)
{
    return (struct place){b->file, (int)mark->line + 1, (int)mark->column + 1};
}

static bool refuse(struct builder *b, const struct place *place, const char *text)
{
    report_error(b->report, place, NULL, "%s", text);
    return false;
}

/* Puts a new node into the open map or list. */
static bool attach(struct builder *b, struct node *node)
{
    struct node *in = b->depth ? b->open[b->depth - 1] : NULL;

    if (!in) {
        b->root = node;
        return true;
    }
    if (in->kind == NODE_MAP) {
        node->key = steal(&b->key);
        node->key_place = b->key_place;
    }
    if ((in->count & (in->count - 1)) == 0) /* full at each power of two */
        in->child = xreallocarray(in->child, in->count ? in->count * 2 : 1, sizeof(struct node *));
    in->child[in->count++] = node;
    return true;
}

static struct node *new_node(struct builder *b, enum node_kind kind, const yaml_event_t *event)
{
    struct place place = place_of(b, &event->start_mark);

    if (++b->nodes > YAML_NODES_MAX) {
        (void)refuse(b, &place, "too many values: a configuration has 5000 at most");
        return NULL;
    }
    struct node *node = xcalloc(1, sizeof *node);
    node->kind = kind;
    node->place = place;
    return node;
}

static bool open_node(struct builder *b, enum node_kind kind, const yaml_event_t *event)
{
    struct node *node = new_node(b, kind, event);

    if (!node)
        return false;
    if (b->depth == YAML_DEPTH_MAX) {
        (void)refuse(b, &node->place, "nested too deeply: 32 levels at most");
        node_free(node);
        return false;
    }
    (void)attach(b, node);
    b->open[b->depth++] = node;
    return true;
}

/* In a map, between one value and the next key. */
static bool wants_key(const struct builder *b)
{
    const struct node *in = b->depth ? b->open[b->depth - 1] : NULL;

    return in && in->kind == NODE_MAP && !b->key;
}

static bool take_key(struct builder *b, const char *text, const struct place *place)
{
    const struct node *map = b->open[b->depth - 1];

    if (!strcmp(text, "<<"))
        return refuse(b, place, "merge keys (<<) are not supported: write the values out");
    for (size_t i = 0; i < map->count; i++) {
        if (!strcmp(map->child[i]->key, text)) {
            report_error(b->report, place, text, "is given twice; the first is on line %d",
                         map->child[i]->key_place.line);
            return false;
        }
    }
    b->key = xstrdup(text);
    b->key_place = *place;
    return true;
}

static bool null_text(const char *text)
{
    return !*text || !strcmp(text, "~") || !strcasecmp(text, "null");
}

static bool take_scalar(struct builder *b, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    const char *tag = (const char *)event->data.scalar.tag;
    size_t len = event->data.scalar.length;
    struct place place = place_of(b, &event->start_mark);
    yaml_scalar_style_t style = event->data.scalar.style;

    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return refuse(b, &place, "a value must not contain line ends or control characters");
    if (wants_key(b))
        return tag ? refuse(b, &place, "a key must not have a tag") : take_key(b, text, &place);
    if (tag && strcmp(tag, "!file") != 0)
        return refuse(b, &place, "the only tag that is understood is !file");
    struct node *node = new_node(b, NODE_SCALAR, event);
    if (!node)
        return false;
    node->text = xstrndup(text, len);
    node->file = tag != NULL;
    node->null = style == YAML_PLAIN_SCALAR_STYLE && !tag && null_text(text);
    node->literal = style == YAML_SINGLE_QUOTED_SCALAR_STYLE;
    return attach(b, node);
}

static bool anchored(const yaml_event_t *event)
{
    return (event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor) ||
           (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor) ||
           (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.anchor);
}

static bool tagged(const yaml_event_t *event)
{
    return (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.tag) ||
           (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.tag);
}

/* False stops. */
static bool take_event(struct builder *b, const yaml_event_t *event)
{
    struct place place = place_of(b, &event->start_mark);
    bool opens =
        event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT;

    if (anchored(event) || event->type == YAML_ALIAS_EVENT)
        return refuse(b, &place,
                      "anchors (&) and aliases (*) are not supported: write the value "
                      "out, or quote it if it begins with such a sign");
    if (tagged(event))
        return refuse(b, &place, "the only tag that is understood is !file, before a path");
    if (opens && wants_key(b))
        return refuse(b, &place, "a key must be a word, not a map or list");
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return !b->root || refuse(b, &place, "a configuration is one document: remove the '---'");
    case YAML_MAPPING_START_EVENT:
        return open_node(b, NODE_MAP, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(b, NODE_LIST, event);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        b->depth--;
        return true;
    case YAML_SCALAR_EVENT:
        return take_scalar(b, event);
    default:
        return true;
    }
}

static void syntax_error(struct builder *b, const yaml_parser_t *parser)
{
    struct place place = place_of(b, &parser->problem_mark);
    const char *what = parser->problem ? parser->problem : "not YAML";

    if (parser->error == YAML_READER_ERROR) {
        place.line = 0; /* the reader counts bytes only */
        report_error(b->report, &place, NULL, "byte %zu: %s", parser->problem_offset, what);
    } else {
        report_error(b->report, &place, NULL, "%s%s%s", what, parser->context ? " " : "",
                     parser->context ? parser->context : "");
    }
}

static bool build(struct builder *b, yaml_parser_t *parser)
{
    bool more = true, good = true;

    while (more && good) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            syntax_error(b, parser);
            return false;
        }
        good = take_event(b, &event);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    return good;
}

struct node *yaml_parse(const char *text, size_t len, const char *file, struct report *report)
{
    struct builder b = {.report = report, .file = file};
    struct place start = {file, 1, 1};
    yaml_parser_t parser;

    if (len > YAML_FILE_MAX) {
        (void)refuse(&b, &start, "larger than 1 MB: not a configuration");
        return NULL;
    }
    if (!yaml_parser_initialize(&parser))
        abort(); /* out of memory */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    bool good = build(&b, &parser);
    yaml_parser_delete(&parser);
    free(b.key);
    if (good && (!b.root || (b.root->kind == NODE_SCALAR && b.root->null))) {
        node_free(b.root);
        b.root = xcalloc(1, sizeof *b.root);
        b.root->kind = NODE_MAP;
        b.root->place = start;
    }
    if (!good) {
        node_free(b.root);
        return NULL;
    }
    return b.root;
}
