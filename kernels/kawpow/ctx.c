/* SPDX-License-Identifier: MIT */
/* A thread's context: hashes in flight, and the programs of a few periods. */
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernels/kawpow/kawpow.h"

struct algo_ctx *kawpow_ctx_over(const struct kawpow_data *data, bool full)
{
    struct algo_ctx *ctx = aligned_alloc(_Alignof(struct algo_ctx), sizeof *ctx);

    if (!ctx)
        abort(); /* as xmalloc does */
    memset(ctx, 0, sizeof *ctx);
    ctx->data = data;
    ctx->full = full ? data->full : NULL;
    return ctx;
}

void kawpow_ctx_free(struct algo_ctx *ctx)
{
    if (!ctx)
        return;
    kawpow_code_free(ctx->code);
    free(ctx);
}

bool kawpow_ctx_fits(const struct algo_ctx *ctx, const struct algo_key *key)
{
    return ctx && key &&
           (ctx->data->epoch == KAWPOW_ANY_EPOCH || key->height / KAWPOW_EPOCH == ctx->data->epoch);
}

struct kawpow_prepared *kawpow_ctx_program(struct algo_ctx *ctx, uint64_t height)
{
    uint64_t period = kawpow_period(height);
    struct kawpow_prepared *p = &ctx->prepared[period % KAWPOW_PERIODS];

    if (p->there && p->program.period == period)
        return p;
    kawpow_program_draw(period, &p->program);
    p->there = true;
    p->tried = false;
    p->code = NULL;
    return p;
}

static void make_code(struct algo_ctx *ctx, struct kawpow_prepared *p)
{
    const char *why = "the system gives no memory for it";

    if (!ctx->code)
        ctx->code = kawpow_code_new();
    if (ctx->code)
        p->code = kawpow_code_make(ctx->code, (unsigned)(p - ctx->prepared), &p->program, &why);
    if (p->code)
        return;
    ctx->no_code = true;
    log_warn(DEVICE, "KawPow runs without generated code: %s", why);
}

kawpow_code_fn *kawpow_ctx_code(struct algo_ctx *ctx, struct kawpow_prepared *p)
{
    if (!p->tried && !ctx->no_code)
        make_code(ctx, p);
    p->tried = true;
    return p->code;
}
