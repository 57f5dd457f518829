/* SPDX-License-Identifier: MIT */
/* Searches on machines of our own: one or two hashes at once, a row of them from scan to scan. */
#include <fenv.h>
#include <string.h>

#include "algo/scan.h"
#include "base/endian.h"
#include "base/log.h"
#include "kernels/randomx/ctx.h"
#include "kernels/randomx/machine.h"
#include "kernels/randomx/vm.h"

/* A new machine hashes what librandomx hashes, or is not used. */
static struct machine *checked(struct algo_ctx *ctx, struct machine *machine)
{
    if (machine && !machine_agrees(machine, ctx->data->rx, ctx->vms[KIND_JIT])) {
        log_warn(DEVICE, "RandomX: our code hashes something else than librandomx, which goes on "
                         "in its place");
        machine_free(machine);
        return NULL;
    }
    return machine;
}

/* Of `count` hashes at once; NULL = there is none here. */
static struct machine *machine_of(struct algo_ctx *ctx, unsigned count)
{
    struct machine **at = &ctx->machines[count - 1];
    const struct rx_data *data = ctx->data;

    if (*at || ctx->refused[count - 1] || !rx_takes_machines(ctx))
        return *at;
    if (ctx->busy == ctx->vms[KIND_JIT])
        ctx->busy = NULL; /* the check hashes with it */
    *at = checked(ctx, machine_new(count, rx_items(data, ctx->copy), data->huge_pages,
                                   data->flags & RX_SECURE));
    ctx->refused[count - 1] = !*at;
    if (*at)
        rx_count_pads(ctx, count, machine_is_huge(*at) ? count : 0);
    return *at;
}

/* Is the row of this input? Begins it anew if not. */
static void enter_row(struct algo_ctx *ctx, struct machine *machine, const struct algo_input *in)
{
    struct row *row = &ctx->row;
    uint8_t input[ALGO_INPUT_MAX];

    memcpy(input, in->bytes, in->len);
    put_le32(input + in->nonce_at, 0);
    if (row->machine == machine && row->len == in->len && row->nonce_at == in->nonce_at &&
        !memcmp(row->input, input, in->len))
        return;
    *row = (struct row){.len = in->len, .nonce_at = in->nonce_at};
    memcpy(row->input, input, in->len);
}

/* Inputs with `nonce` and those that follow. */
static void group_inputs(const struct row *row, uint32_t nonce, uint8_t inputs[2][ALGO_INPUT_MAX])
{
    for (unsigned i = 0; i < 2; i++) {
        memcpy(inputs[i], row->input, row->len);
        put_le32(inputs[i] + row->nonce_at, nonce + i);
    }
}

/* The hash of a nonce; those of its group are known then, and the next group is begun. NULL where
 * code could not be made executable. */
static const uint8_t *row_hash(struct row *row, struct machine *machine, uint32_t nonce)
{
    const unsigned count = machine_count(machine);
    uint8_t inputs[2][ALGO_INPUT_MAX];
    const uint8_t *const list[2] = {inputs[0], inputs[1]};

    if (row->any_known && nonce - row->known < count)
        return row->hash[nonce - row->known];
    if (row->machine != machine || row->begun != nonce) {
        group_inputs(row, nonce, inputs);
        machine_begin(machine, list, row->len);
    }
    group_inputs(row, nonce + count, inputs);
    row->any_known = machine_step(machine, list, row->len, row->hash);
    row->machine = row->any_known ? machine : NULL;
    row->known = nonce;
    row->begun = nonce + count;
    return row->any_known ? row->hash[0] : NULL;
}

/* False where the machine refused: nothing is wrong with what was found until then. */
static bool search_row(struct algo_ctx *ctx, struct machine *machine, struct scan *scan)
{
    enter_row(ctx, machine, &scan->in);
    while (scan->done < scan->count && !scan_is_stale(scan)) {
        uint64_t nonce = scan->first + scan->done;
        const uint8_t *hash = row_hash(&ctx->row, machine, (uint32_t)nonce);
        if (!hash)
            return false;
        scan->done++;
        if (rx_meets(hash, &scan->target) && scan_found(scan, nonce))
            break;
    }
    return true;
}

static void scan_at_once(struct algo_ctx *ctx, unsigned count, struct scan *scan)
{
    fenv_t before;
    bool ok = true;

    scan->done = 0;
    scan->found = 0;
    if (!rx_is_of(ctx, scan->in.key) || scan_is_stale(scan))
        return;
    (void)fegetenv(&before);
    struct machine *machine = machine_of(ctx, count);
    if (machine)
        ok = search_row(ctx, machine, scan);
    (void)fesetenv(&before);
    if (machine && ok)
        return;
    ctx->refused[count - 1] = ctx->refused[count - 1] || !ok;
    rx_scan_by(ctx, KIND_JIT, scan);
}

void rx_scan_pair(struct algo_ctx *ctx, struct scan *scan)
{
    scan_at_once(ctx, 2, scan);
}

void rx_scan_single(struct algo_ctx *ctx, struct scan *scan)
{
    scan_at_once(ctx, 1, scan);
}
