/* SPDX-License-Identifier: MIT */
/* The registry of header forms, in the order in which an algorithm is matched, and what several of
 * them do. */
#include <string.h>

#include "core/form.h"
#include "core/job.h"

static const struct header_form *const forms[] = {
    &form_bitcoin, &form_sealed, &form_devnet_blob, &form_monero, &form_given, NULL,
};

void form_header_as_hashed(const struct job *job, const uint8_t root[32], uint32_t version,
                           uint32_t ntime, const uint8_t *input, const struct algo_result *result,
                           uint8_t *header)
{
    (void)root;
    (void)version;
    (void)ntime;
    (void)result;
    memcpy(header, input, job_input_len(job));
}

const struct header_form *form_find(const char *name)
{
    for (const struct header_form *const *f = forms; *f; f++)
        if (!strcmp((*f)->name, name))
            return *f;
    return NULL;
}

static bool suits(const struct header_form *form, const struct algo *algo)
{
    return form->read && form->nonce_at == algo->nonce_at && form->nonce_len == algo->nonce_len &&
           (algo->any_len || form->input_len == algo->input_len);
}

const struct header_form *form_of_algo(const struct algo *algo)
{
    for (const struct header_form *const *f = forms; *f; f++)
        if (suits(*f, algo))
            return *f;
    return NULL;
}
