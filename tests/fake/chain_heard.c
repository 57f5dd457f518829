/* SPDX-License-Identifier: MIT */
/* What a chain told its owner. */
#include "tests/fake/chain_heard.h"

#include "base/str.h"

void chain_heard_template(void *arg, struct chain_template *t, bool new_tip)
{
    struct chain_heard *h = arg;

    template_unref(h->template);
    h->template = template_ref(t);
    h->templates++;
    h->new_tips += new_tip;
}

void chain_heard_submit(void *arg, enum submit_result result, const char *text)
{
    struct chain_heard *h = arg;

    h->answers++;
    h->result = result;
    (void)text_copy(h->text, sizeof h->text, text);
}

void chain_heard_status(void *arg, int64_t confirmations)
{
    struct chain_heard *h = arg;

    h->answers++;
    h->confirmations = confirmations;
}
