/* SPDX-License-Identifier: MIT */
/* Making a script of a transcript. */
#include "transcript/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

static void read_step(struct script *s, struct talk *talk, const struct entry *e)
{
    struct step *step = &s->steps[s->count];
    size_t tag = s->count;

    *step = (struct step){.entry = e, .partner = NO_STEP};
    s->count++;
    if (e->kind == ENTRY_EVENT || message_parse(e->text, e->len, &step->message, NULL) < 0)
        return;
    const char *method =
        talk_hear(talk, e->kind == ENTRY_MINER, &step->message, &step->answer, &tag);
    if (!method)
        return;
    (void)text_copy(step->method, sizeof step->method, method);
    if (step->answer && tag < s->count - 1) {
        step->partner = tag;
        s->steps[tag].partner = s->count - 1;
    }
}

void script_init(struct script *s, const struct transcript *t, uint32_t connection)
{
    struct talk *talk = xcalloc(1, sizeof *talk);
    size_t count = 0;

    for (size_t i = 0; i < t->count; i++)
        count += t->entries[i].connection == connection;
    *s = (struct script){.steps = xcalloc(count + 1, sizeof *s->steps)};
    for (size_t i = 0; i < t->count; i++)
        if (t->entries[i].connection == connection)
            read_step(s, talk, &t->entries[i]);
    s->dialect = talk->dialect;
    free(talk);
}

void script_fini(struct script *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->steps[i].message.root)
            message_fini(&s->steps[i].message);
        free(s->steps[i].live_id);
    }
    free(s->steps);
    *s = (struct script){0};
}

bool script_has_miner(const struct script *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->steps[i].entry->kind == ENTRY_MINER)
            return true;
    return false;
}

bool step_is_event(const struct step *s, const char *event)
{
    return s->entry->kind == ENTRY_EVENT && !strcmp(s->entry->text, event);
}
