/* SPDX-License-Identifier: MIT */
/* Redaction of hostile lines: the first byte's bits choose who says which line. What is written is
 * JSON again, is one line, and holds no password. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "transcript/cutter.h"
#include "transcript/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct hearing {
    struct redaction redaction;
    struct talk talk;
    uint8_t sides;
};

static void check_password(const char *line, size_t len)
{
    struct message m;

    if (message_parse(line, len, &m, NULL) < 0)
        abort();
    const char *password =
        m.method && !strcmp(m.method, "mining.authorize") ? message_text(&m, 1) : NULL;
    if (password && *password && strcmp(password, REDACTED_PASSWORD) != 0)
        abort();
    message_fini(&m);
}

static void on_line(void *arg, const char *line, size_t len)
{
    struct hearing *h = arg;
    struct str out AUTO_STR = {0};

    h->sides = (uint8_t)(h->sides << 1 | h->sides >> 7);
    if (!line || !redact_line(&h->redaction, &h->talk, h->sides & 1, line, len, &out))
        return;
    if (strlen(out.s) != out.len || strchr(out.s, '\n'))
        abort();
    check_password(out.s, out.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct hearing *h = xcalloc(1, sizeof *h);
    struct cutter cutter = {.limit = 4096};
    h->sides = *data;
    cutter_feed(&cutter, (const char *)data + 1, size - 1, on_line, h);
    str_free(&cutter.line);
    redaction_free(&h->redaction);
    free(h);
    return 0;
}
