/* SPDX-License-Identifier: MIT */
/* Opens a chain behind real daemons, mines blocks on its templates with the reference hash, submits
 * them and asks for their status. One line for each thing that happens, for a test to read.
 *
 * chain_probe COIN NETWORK BLOCKS URL USER PASS_OR_COOKIE [URL USER PASS_OR_COOKIE ...]
 * USER "cookie": the next argument names the cookie file. BLOCKS 0: prints templates until the
 * input ends; "block" on the input mines one more, "nodes" prints the daemons. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "algo/dataset.h"
#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "chain/chain.h"
#include "core/share.h"

struct probe {
    uv_loop_t loop;
    uv_pipe_t input;
    struct chain *chain;
    struct chain_template *template;
    struct dataset *dataset; /* algorithms with one: its light part, of the newest key */
    struct algo_ctx *ctx;
    uint8_t hash[32];
    unsigned wanted; /* blocks still to mine */
    bool forever, busy, failed, over;
};

static void print_hash(const char *what, const uint8_t hash[32])
{
    uint8_t shown[32];
    char hex[65];

    bytes_reverse(shown, hash, 32);
    hex_encode(shown, 32, hex);
    printf("%s %s", what, hex);
}

static void finish(struct probe *p)
{
    if (p->over)
        return;
    p->over = true;
    if (!uv_is_closing((uv_handle_t *)&p->input))
        uv_close((uv_handle_t *)&p->input, NULL);
    uv_stop(&p->loop);
}

static void print_nodes(struct probe *p)
{
    struct chain_node_view nodes[8];
    unsigned n = chain_nodes(p->chain, nodes, 8);

    for (unsigned i = 0; i < n; i++)
        printf("node %s up=%d active=%d height=%" PRIu64 " error=\"%s\"\n", nodes[i].name,
               nodes[i].up, nodes[i].active, nodes[i].height, nodes[i].error);
}

static void mine(struct probe *p);

static void on_status(void *arg, int64_t confirmations)
{
    struct probe *p = arg;

    printf("status %" PRId64 "\n", confirmations);
    p->failed |= confirmations < 1;
    p->busy = false;
    if (p->wanted == 0 && !p->forever)
        finish(p);
    else
        mine(p);
}

static void on_submit(void *arg, enum submit_result result, const char *text)
{
    static const char *const words[] = {"accepted", "rejected", "unknown"};
    struct probe *p = arg;

    printf("submit %s \"%s\"\n", words[result], text);
    p->failed |= result != SUBMIT_ACCEPTED;
    chain_status(p->chain, p->hash, on_status, p);
}

/* A context for the template's key; the same as before where the key is. */
static struct algo_ctx *context(struct probe *p, const struct chain_template *t)
{
    const struct dataset_choices choices = {.randomx = "v1"};
    struct fault why = {0};

    if (!t->algo->dataset || (p->dataset && dataset_fits(p->dataset, t->algo, &t->key)))
        return p->ctx;
    if (p->ctx)
        t->algo->ctx_free(p->ctx);
    p->ctx = NULL;
    dataset_unref(p->dataset);
    p->dataset = NULL;
    if (dataset_build(t->algo, &t->key, &choices, false, 1, NULL, &p->dataset, &why) < 0 ||
        t->algo->ctx_new(p->dataset, &p->ctx, &why) < 0) {
        printf("dataset: %s\n", why.text);
        exit(1);
    }
    return p->ctx;
}

/* Mines the newest template, once its height is above that of the last block. */
static void mine(struct probe *p)
{
    static uint64_t last;
    static const uint8_t script[] = {0x51};
    const struct coinbase_plan plan = {script, sizeof script, "/otedama probe/", 4, 8};
    struct chain_template *t = p->template;

    if (p->busy || !p->wanted || !t || t->height == last)
        return;
    struct algo_ctx *ctx = context(p, t);
    struct share share = {.job = template_job(t, &plan),
                          .extranonce1_len = 4,
                          .extranonce2_len = 8,
                          .ntime = t->curtime};
    share.version = t->version | (share.job->plan.version_mask & 0x2000); /* a rolled bit */
    while (share_check(&share, &share.job->block_target, ctx) != 0)
        share.nonce++;
    size_t len;
    uint8_t *block = block_assemble(&share, &len, p->hash);
    last = t->height;
    p->wanted--;
    p->busy = true;
    printf("mined %" PRIu64, t->height);
    print_hash("", p->hash);
    printf(" txs=%zu witness=%d mweb=%zu bytes=%zu\n", t->tx_count, t->witness, t->mweb_len, len);
    chain_submit(p->chain, block, len, p->hash, on_submit, p);
    free(block);
    job_unref(share.job);
}

static void on_template(void *arg, struct chain_template *t, bool new_tip)
{
    struct probe *p = arg;

    template_unref(p->template);
    p->template = template_ref(t);
    printf("template %" PRIu64 " new_tip=%d txs=%zu witness=%d mweb=%zu", t->height, new_tip,
           t->tx_count, t->witness, t->mweb_len);
    print_hash(" prev", t->prevhash);
    printf("\n");
    mine(p);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    static char bytes[256];

    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(bytes, sizeof bytes - 1);
}

static void on_input(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct probe *p = stream->data;

    if (n < 0) {
        finish(p);
        return;
    }
    buf->base[n] = '\0';
    if (strstr(buf->base, "nodes"))
        print_nodes(p);
    if (strstr(buf->base, "block")) {
        p->wanted++;
        mine(p);
    }
}

static void take_daemons(struct config *config, int argc, char **argv)
{
    config->pool.daemons.count = (size_t)argc / 3;
    config->pool.daemons.items = xcalloc((size_t)argc, sizeof *config->pool.daemons.items);
    for (size_t i = 0; i < config->pool.daemons.count; i++, argv += 3) {
        struct daemon_config *d = &config->pool.daemons.items[i];
        d->url = argv[0];
        if (strcmp(argv[1], "cookie") != 0) {
            d->user = argv[1];
            d->pass = argv[2];
        } else {
            d->cookie_file = argv[2];
        }
    }
}

/* Coins that need an address for their templates; monerod's regtest takes those of main. */
static char monero_address[] = "46BBWtWYUM3UYhhazm7bTUTA42GhCZDPhgfiDGvVGzghf3iBYfdpU6DijNCG5YDNaGR"
                               "BjqrFqYXUe99KgGYpTCeTR5LP1yG";

int main(int argc, char **argv)
{
    struct probe p = {0};
    struct config config = {0};
    struct fault why = {0};
    struct chain_options options = {.config = &config, .on_template = on_template, .arg = &p};

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 7 || (argc - 4) % 3 || !(options.coin = coin_find(argv[1])) || !options.coin->algo ||
        !network_parse(argv[2], &options.network)) {
        fprintf(stderr, "usage: chain_probe COIN NETWORK BLOCKS URL USER PASS ...\n");
        return 2;
    }
    options.algo = algo_find(options.coin->algo);
    config.pool.payout_address = monero_address;
    p.wanted = (unsigned)strtoul(argv[3], NULL, 10);
    p.forever = !p.wanted;
    take_daemons(&config, argc - 4, argv + 4);
    uv_loop_init(&p.loop);
    uv_pipe_init(&p.loop, &p.input, 0);
    p.input.data = &p;
    if (chain_open(&options, &p.loop, &p.chain, &why) < 0) {
        fprintf(stderr, "%s\n", why.text);
        return 2;
    }
    if (uv_pipe_open(&p.input, 0) == 0)
        uv_read_start((uv_stream_t *)&p.input, on_alloc, on_input);
    uv_run(&p.loop, UV_RUN_DEFAULT);
    print_nodes(&p);
    chain_close(p.chain);
    uv_run(&p.loop, UV_RUN_DEFAULT);
    p.failed |= uv_loop_close(&p.loop) != 0;
    template_unref(p.template);
    if (p.ctx)
        options.algo->ctx_free(p.ctx);
    dataset_unref(p.dataset);
    free(config.pool.daemons.items);
    return p.failed ? 1 : 0;
}
