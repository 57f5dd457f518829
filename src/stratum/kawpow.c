/* SPDX-License-Identifier: MIT */
/* KawPow Stratum: the dialect's row. */
#include "stratum/kawpow.h"

extern const struct dialect dialect_kawpow;
const struct dialect dialect_kawpow = {
    .name = "kawpow",
    .title = "KawPow Stratum (Ravencoin)",
    .schemes = "stratum stratum1",
    .algos = "kawpow",
    .as_client = kawpow_as_client,
    .as_server = kawpow_as_server,
    .hello = kawpow_hello,
    .answer = kawpow_answer,
    .submit = kawpow_submit,
    .probe = kawpow_probe,
    .makes_input = true,
    .yes_word = "true",
    .no_word = "false",
    .job_body = kawpow_job_body,
    .notify = kawpow_notify,
    .set_difficulty = kawpow_set_difficulty,
};
