/* SPDX-License-Identifier: MIT */
/* POST /api/mining/start and /stop: the same words as in console and command line. */
#include "api/routes.h"
#include "base/str.h"

static void ask_hub(struct request *request, struct reply *reply, const char *words)
{
    if (request_fields(request, reply, ""))
        text_copy(reply->command, sizeof reply->command, words);
}

void route_mining_start(struct request *request, struct reply *reply)
{
    ask_hub(request, reply, "mining start");
}

void route_mining_stop(struct request *request, struct reply *reply)
{
    ask_hub(request, reply, "mining stop");
}

void route_upgrade(struct request *request, struct reply *reply)
{
    ask_hub(request, reply, "upgrade");
}
