/* SPDX-License-Identifier: MIT */
/* The bridge between the hub's loop and the API thread: snapshots one way, commands and their
 * answers both ways; neither side ever waits for the other. */
#include "api/server.h"
#include "base/log.h"

void bridge_publish(struct api *api)
{
    const struct snapshot *newest = api->hooks.snapshot(api->hooks.arg);

    if (!newest || (newest == api->published && newest->seq == api->published_seq))
        return;
    api->published = newest;
    api->published_seq = newest->seq;
    /* the picture is const; counting who holds it is not part of the picture */
    snapshot_unref(slot_put(&api->snapshots, snapshot_ref((struct snapshot *)(uintptr_t)newest)));
}

void bridge_run_commands(struct api *api)
{
    struct command_words command;
    bool any = false;

    while (words_ring_pop(&api->words, &command)) {
        struct command_answer answer = {.ticket = command.ticket};
        log_info(API, "command from the API: %s", command.words);
        api->hooks.command(api->hooks.arg, command.words, &answer.reply);
        bridge_publish(api); /* before the answer: who asks next sees what the command did */
        /* never full: the API thread has fewer commands waiting than the ring has room */
        (void)answer_ring_push(&api->answers, answer);
        any = true;
    }
    if (!any)
        return;
    lws_cancel_service(api->context);
}

bool bridge_send(struct api *api, uint64_t ticket, const char *words)
{
    struct command_words command = {.ticket = ticket};

    if (api->commands_waiting >= COMMANDS_WAITING_MAX)
        return false;
    text_copy(command.words, sizeof command.words, words);
    if (!words_ring_push(&api->words, command))
        return false;
    api->commands_waiting++;
    /* order the push before libuv reads its own flag: a stale read would lose the wake-up */
    atomic_thread_fence(memory_order_seq_cst);
    uv_async_send(&api->bell);
    return true;
}

void bridge_take(struct api *api)
{
    struct snapshot *newest = slot_take(&api->snapshots);

    if (!newest)
        return;
    snapshot_unref(api->snapshot);
    api->snapshot = newest;
}
