/* SPDX-License-Identifier: MIT */
/* EthereumStratum/2.0.0: the dialect's row. */
#include "stratum/ethereum2.h"

extern const struct dialect dialect_ethereum2;
const struct dialect dialect_ethereum2 = {
    .name = "ethereum2",
    .title = ETHEREUM2_PROTOCOL,
    .schemes = "stratum3 stratum",
    .algos = "ethash etchash",
    .as_client = ethereum2_as_client,
    .as_server = ethereum2_as_server,
    .hello = ethereum2_hello,
    .answer = ethereum2_answer,
    .submit = ethereum2_submit,
    .probe = ethereum2_probe,
    .greets = ethereum2_greets,
    .makes_input = true,
    .resumes = true,
    .resumes_logins = true,
    .same_for_all = true,
    .error_objects = true,
    .bare_answers = true,
    .no_word = "null",
    .error_code = ethereum2_error_code,
    .notify = ethereum2_notify,
    .set_difficulty = ethereum2_set_target,
    .reconnect = ethereum2_reconnect,
};
