/* SPDX-License-Identifier: MIT */
/* Two readers of one line: what the quick one takes, the full one reads the same. */
#include <stdlib.h>
#include <string.h>

#include "stratum/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char room[MESSAGE_ROOM];
    struct message quick, full;
    const char *line = (const char *)data;

    if (!message_quick(line, size, room, &quick))
        return 0;
    must(!message_parse(line, size, &full, NULL));
    must(full.method && !strcmp(quick.method, full.method));
    must(quick.id_len == full.id_len && !memcmp(quick.id, full.id, full.id_len));
    must(json_array_size(full.params) == quick.text_count);
    for (unsigned i = 0; i < quick.text_count; i++) {
        const char *text = message_text(&full, i);
        must(text && !strcmp(text, message_text(&quick, i)));
    }
    message_fini(&full);
    return 0;
}
