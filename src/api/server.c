/* SPDX-License-Identifier: MIT */
/* Opening and closing the API, and its thread's loop. */
#include "api/server.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

static void on_library_log(int level, const char *line)
{
    (void)level;
    log_debug(API, "%.*s", (int)strcspn(line, "\n"), line);
}

/* --- hub thread ----------------------------------------------------------------------------------
 */

static void on_bell(uv_async_t *bell)
{
    bridge_run_commands(bell->data);
}

static void on_timer(uv_timer_t *timer)
{
    bridge_publish(timer->data);
}

static void api_free(struct api *api)
{
    if (api->context)
        lws_context_destroy(api->context);
    snapshot_unref(slot_take(&api->snapshots));
    snapshot_unref(api->snapshot);
    free(api);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct api *api = handle->data;

    if (--api->handles == 0)
        api_free(api);
}

static int open_handles(struct api *api, uv_loop_t *loop)
{
    int err = uv_async_init(loop, &api->bell, on_bell);

    if (err < 0)
        return err;
    api->bell.data = api->timer.data = api;
    (void)uv_timer_init(loop, &api->timer); /* cannot fail */
    api->handles = 2;
    uv_unref((uv_handle_t *)&api->bell); /* the hub decides how long its loop runs */
    uv_unref((uv_handle_t *)&api->timer);
    return uv_timer_start(&api->timer, on_timer, PUBLISH_MS, PUBLISH_MS);
}

static void *api_thread(void *arg);

/* Signals are the main thread's. */
static int start_thread(struct api *api)
{
    sigset_t all, before;
    int err;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = pthread_create(&api->thread, NULL, api_thread, api);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    api->threaded = err == 0;
    return -err;
}

static int open_context(struct api *api, struct fault *why)
{
    struct lws_context_creation_info info = {0};

    lws_set_log_level(LLL_ERR | LLL_WARN, on_library_log);
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    info.user = api;
    info.timeout_secs = HEADER_TIMEOUT_S;
    info.max_http_header_data = 8192;
    info.fd_limit_per_thread = 1024;
    api->context = lws_create_context(&info);
    return api->context ? 0 : fault_set(why, UV_ENOMEM, "the HTTP library cannot start");
}

int api_open(const struct config *config, uv_loop_t *loop, const struct api_hooks *hooks,
             struct api **ret, struct fault *why)
{
    struct api *api;
    int err;

    if (!config->api.enable && !config->monitoring.metrics.enabled &&
        !config->monitoring.health.enabled) {
        *ret = NULL;
        return 0;
    }
    api = xcalloc(1, sizeof *api);
    api->hooks = *hooks;
    if ((err = open_context(api, why)) < 0 || (err = api_listen(api, config, why)) < 0)
        goto fail;
    if ((err = open_handles(api, loop)) < 0 || (err = start_thread(api)) < 0) {
        (void)fault_set(why, err, "the API cannot start: %s", err_str(err));
        goto fail;
    }
    bridge_publish(api);
    for (unsigned i = 0; i < LISTENERS; i++)
        if (api->listeners[i].vhost)
            log_info(API, "%s listens on port %d", listener_name(i), api_port(api, i));
    *ret = api;
    return 0;

fail:
    api_close(api);
    return err;
}

void api_close(struct api *api)
{
    if (!api)
        return;
    if (api->threaded) {
        bridge_run_commands(api);
        atomic_store_explicit(&api->stop, true, memory_order_release);
        lws_cancel_service(api->context);
        (void)pthread_join(api->thread, NULL);
    }
    if (api->context)
        lws_context_destroy(api->context);
    api->context = NULL;
    if (!api->handles) {
        api_free(api);
        return;
    }
    uv_close((uv_handle_t *)&api->bell, on_handle_closed);
    uv_close((uv_handle_t *)&api->timer, on_handle_closed);
}

/* --- API thread ----------------------------------------------------------------------------------
 */

/* Once a second: so that a waiting command is given up although nothing else happens. */
static void on_tick(lws_sorted_usec_list_t *tick)
{
    struct api *api = lws_container_of(tick, struct api, tick);

    lws_sul_schedule(api->context, 0, &api->tick, on_tick, LWS_US_PER_SEC);
}

static void *api_thread(void *arg)
{
    struct api *api = arg;
    int64_t end;

    (void)pthread_setname_np(pthread_self(), "api");
    lws_sul_schedule(api->context, 0, &api->tick, on_tick, LWS_US_PER_SEC);
    while (!atomic_load_explicit(&api->stop, memory_order_acquire)) {
        bridge_take(api);
        http_take_answers(api);
        if (lws_service(api->context, 0) < 0)
            break;
    }
    api->closing = true;
    for (end = now_us() + CLOSE_MAX_US; http_busy(api) && now_us() < end; sleep_us(1000)) {
        http_take_answers(api);
        (void)lws_service(api->context, -1);
    }
    lws_sul_schedule(api->context, 0, &api->tick, on_tick, LWS_SET_TIMER_USEC_CANCEL);
    return NULL;
}
