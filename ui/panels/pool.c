/* SPDX-License-Identifier: MIT */
/* Screen 6: pool mode. Off: what turning it on will do. On: workers, node, money, blocks. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "front/front.h"
#include "ui/banmodel.h"
#include "ui/format.h"
#include "ui/poolmodel.h"
#include "ui/show.h"

enum { LABEL = 7, BLOCK_ROWS = 4, PORT_ROWS = 4 };

struct pool_state {
    struct table table, bans;
    bool shows_bans; /* in place of workers and blocks */
    bool bans_sorted;
    bool sorted; /* its first order, by hash rate, was set */
    int top;     /* of the page shown while off */
};

static const char *const dash = "\xe2\x80\x93";

static void line_rate(const struct ui_ctx *ctx, struct canvas c, int y)
{
    const struct pool_view *p = &ctx->now->pool;
    char text[FORMAT_MAX], conn[2 * FORMAT_MAX], most[FORMAT_MAX];
    int x = LABEL;

    (void)canvas_text(c, 1, y, STYLE_LABEL, "Pool");
    x = canvas_text(c, x, y, STYLE_VALUE, format_rate(text, p->rate_1m)) + 2;
    x = show_pair(c, x, y, "workers", STYLE_TEXT, format_count(text, p->workers));
    (void)snprintf(conn, sizeof conn, "%s/%s", format_count(text, p->connections),
                   format_count(most, p->max_connections));
    x = show_pair(c, x, y, "conn", STYLE_TEXT, conn);
    x = show_pair(c, x, y, "blocks", STYLE_TEXT, format_count(text, p->blocks_found));
    if (p->bans)
        x = show_pair(c, x, y, "bans", STYLE_WARN, format_count(text, p->bans));
    if (show_worthless(ctx->now))
        (void)show_whole(c, x, y, STYLE_WARN,
                         x + 26 > c.w ? "no value" : "these coins have no value");
}

static void line_port(const struct ui_ctx *ctx, struct canvas c, int y)
{
    static const char *const reasons[REJECTS] = {
        [REJECT_STALE] = "",       [REJECT_DUPLICATE] = "dup",
        [REJECT_LOW_DIFF] = "low", [REJECT_UNAUTHORIZED] = "auth",
        [REJECT_TIME] = "time",    [REJECT_VERSION] = "version",
        [REJECT_FIELD] = "field",  [REJECT_OTHER] = "other"};
    const struct pool_view *p = &ctx->now->pool;
    uint64_t all = p->shares_accepted + p->shares_rejected + p->shares_stale;
    char text[FORMAT_MAX], part[FORMAT_MAX], both[2 * FORMAT_MAX];
    int x = LABEL;

    (void)canvas_text(c, 1, y, STYLE_LABEL, "Port");
    x = canvas_textf(c, x, y, STYLE_VALUE, "%s", p->address[0] ? p->address : dash);
    x = canvas_text(c, x, y, STYLE_TEXT, " sv1") + 2;
    x = show_pair(c, x, y, "shares A", STYLE_OK, format_count(text, p->shares_accepted));
    (void)snprintf(both, sizeof both, "%s %s", format_count(text, p->shares_rejected),
                   format_percent(part, p->shares_rejected, all));
    x = show_pair(c, x, y, "R", p->shares_rejected ? STYLE_WARN : STYLE_TEXT, both);
    x = show_pair(c, x, y, "S", STYLE_TEXT, format_count(text, p->shares_stale));
    for (int i = 0; i < REJECTS; i++)
        if (p->reject_reasons[i] && i != REJECT_STALE)
            x = show_pair(c, x, y, reasons[i], STYLE_LABEL,
                          format_count(text, p->reject_reasons[i]));
}

/* The ports beside the first, and what miners pin. */
static int draw_ports(const struct ui_ctx *ctx, struct canvas c, int y)
{
    const struct pool_view *p = &ctx->now->pool;

    for (unsigned i = 1; i < p->listener_count && i <= PORT_ROWS; i++, y++) {
        const struct pool_listener_view *l = &p->listener[i];
        int x = canvas_textf(c, LABEL, y, l->open ? STYLE_VALUE : STYLE_BAD, "%s", l->address) + 2;
        (void)canvas_text(c, 1, y, STYLE_LABEL, "Port");
        x = show_pair(c, x, y, "for", STYLE_TEXT, l->preset);
        x = show_pair(c, x, y, "tls", STYLE_TEXT, l->tls);
        if (l->problem[0])
            (void)canvas_text_cut(c, x, y, c.w - x, STYLE_WARN, l->problem);
    }
    if (p->tls_fingerprint[0]) {
        (void)canvas_text(c, 1, y, STYLE_LABEL, "TLS");
        (void)canvas_text_cut(c, LABEL, y++, c.w - LABEL, STYLE_TEXT, p->tls_fingerprint);
    }
    return y;
}

static void line_node(const struct ui_ctx *ctx, const struct chain_node_view *n, struct canvas c,
                      int y)
{
    char text[FORMAT_MAX];
    int x = canvas_textf(c, LABEL, y, n->up ? STYLE_TEXT : STYLE_BAD, "%s%s %s", n->name,
                         n->active ? "*" : "", n->up ? "" : "DOWN") +
            1;

    (void)canvas_text(c, 1, y, STYLE_LABEL, "Node");
    x = show_pair(c, x, y, "tip", STYLE_VALUE, n->height ? format_count(text, n->height) : dash);
    x = show_pair(c, x, y, "age", STYLE_TEXT, format_since(text, ctx->now_us, n->tip_us));
    x = show_pair(c, x, y, "rpc ms", STYLE_TEXT, format_fixed(text, n->rpc_ms, 1));
    if (n->error[0])
        (void)canvas_text_cut(c, x, y, c.w - x, STYLE_WARN, n->error);
}

static void line_round(const struct ui_ctx *ctx, struct canvas c, int y)
{
    const struct pool_view *p = &ctx->now->pool;
    char text[FORMAT_MAX];
    int x = LABEL;

    (void)canvas_text(c, 1, y, STYLE_LABEL, "Round");
    x = show_pair(c, x, y, "effort %", STYLE_TEXT, format_fixed(text, p->round_effort * 100, 1));
    x = show_pair(c, x, y, "scheme", STYLE_TEXT, p->scheme ? p->scheme : dash);
    x = show_pair(c, x, y, "fee %", STYLE_TEXT, format_fixed(text, p->fee_bp / 100.0, 2));
    x = show_pair(c, x, y, "height", STYLE_TEXT, p->height ? format_count(text, p->height) : dash);
    x = show_pair(c, x, y, "template", STYLE_TEXT, format_since(text, ctx->now_us, p->template_us));
    (void)show_pair(c, x, y, "net", STYLE_TEXT, format_short(text, p->network_difficulty));
}

static void line_money(const struct ui_ctx *ctx, struct canvas c, int y)
{
    const struct pool_view *p = &ctx->now->pool;
    char amount[32];
    int x = LABEL;

    (void)canvas_text(c, 1, y, STYLE_LABEL, "Money");
    x = canvas_text(c, x, y, STYLE_LABEL, "ledger ");
    x = canvas_text(c, x, y, p->ledger_ok ? STYLE_OK : STYLE_BAD, p->ledger_ok ? "OK" : "BROKEN");
    if (!p->coin)
        return;
    x = canvas_text(c, x + 2, y, STYLE_LABEL, p->coin->symbol) + 1;
    coin_amount(p->coin, p->balance_owed, amount);
    x = show_pair(c, x, y, "owed", STYLE_VALUE, amount);
    coin_amount(p->coin, p->balance_immature, amount);
    x = show_pair(c, x, y, "immature", STYLE_TEXT, amount);
    coin_amount(p->coin, p->balance_fee, amount);
    x = show_pair(c, x, y, "fee", STYLE_TEXT, amount);
    (void)show_pair(c, x, y, "network", STYLE_TEXT, network_name(p->network));
}

static void draw_blocks(const struct ui_ctx *ctx, struct canvas c)
{
    const struct pool_view *p = &ctx->now->pool;
    char note[96];

    (void)snprintf(note, sizeof note, "found %llu  mature %llu  orphaned %llu",
                   (unsigned long long)p->blocks_found, (unsigned long long)p->blocks_mature,
                   (unsigned long long)p->blocks_orphaned);
    canvas_rule(c, 0, "Blocks", note);
    if (p->block_count == 0)
        (void)canvas_text(c, 1, 1, STYLE_OFF, "none found yet");
    for (unsigned i = 0; i < p->block_count && i < POOL_BLOCKS_SHOWN && (int)i + 1 < c.h; i++)
        pool_block_row(ctx, &p->block[i], c, (int)i + 1);
}

static void draw_bans(const struct ui_ctx *ctx, struct canvas c)
{
    struct pool_state *s = ctx->state;
    struct table_model m = ban_model(ctx);
    char title[64], note[160];

    (void)snprintf(title, sizeof title, "Bans %u", ctx->now->pool.bans);
    if (!s->bans_sorted) {
        s->bans.sort = BAN_SORT;
        s->bans_sorted = true;
    }
    table_draw(&s->bans, &m, ctx, canvas_sub(c, 0, 1, c.w, c.h - 1));
    if (!m.rows && c.h > 2)
        (void)canvas_text(c, 1, 2, STYLE_OFF, "nobody is banned");
    canvas_rule(c, 0, title, table_note(&s->bans, &m, ctx, note));
}

static void draw_on(const struct ui_ctx *ctx, struct canvas c)
{
    struct pool_state *s = ctx->state;
    struct table_model m = worker_model(ctx);
    const struct pool_view *p = &ctx->now->pool;
    unsigned nodes = p->node_count < 3 ? p->node_count : 3;
    int y = 0;
    char title[48], note[160];

    if (!s->sorted) {
        s->table.sort = WORKER_SORT;
        s->table.inverted = s->sorted = true;
    }
    line_rate(ctx, c, y++);
    line_port(ctx, c, y++);
    y = draw_ports(ctx, c, y);
    for (unsigned i = 0; i < nodes; i++)
        line_node(ctx, &p->nodes[i], c, y++);
    line_round(ctx, c, y++);
    line_money(ctx, c, y++);
    if (s->shows_bans) {
        draw_bans(ctx, canvas_sub(c, 0, y, c.w, c.h - y));
        return;
    }
    int blocks = c.h - y >= 10 ? BLOCK_ROWS + 1 + (c.h - y - 10) / 3 : 0;
    struct canvas table = canvas_sub(c, 0, y + 1, c.w, c.h - y - 1 - blocks);
    table_draw(&s->table, &m, ctx, table);
    (void)snprintf(title, sizeof title, "Workers %u", p->workers);
    canvas_rule(c, y, title, table_note(&s->table, &m, ctx, note));
    if (blocks)
        draw_blocks(ctx, canvas_sub(c, 0, c.h - blocks, c.w, blocks));
}

static int check(struct canvas c, int y, bool good, const char *what, const char *value)
{
    (void)canvas_text(c, 2, y, good ? STYLE_OK : STYLE_WARN, good ? "ok" : "!!");
    int x = canvas_textf(c, 6, y, STYLE_LABEL, "%-18s ", what);
    (void)canvas_text_cut(c, x, y, c.w - x - 1, good ? STYLE_TEXT : STYLE_WARN, value);
    return y + 1;
}

static int draw_checks(const struct ui_ctx *ctx, struct canvas c, int y)
{
    const struct pool_view *p = &ctx->now->pool;
    char text[200], age[FORMAT_MAX], amount[FORMAT_MAX];
    bool node = false;

    y = check(c, y, true, "port to be opened",
              p->address[0] ? p->address : "as configured (pool.address)");
    for (unsigned i = 0; i < p->node_count && i < POOL_NODES_SHOWN; i++)
        node |= p->nodes[i].up;
    const char *why = p->node_count && p->nodes[0].error[0] ? p->nodes[0].error : "no node answers";
    (void)snprintf(text, sizeof text, "%s", node ? p->nodes[0].name : why);
    y = check(c, y, node, "node", text);
    (void)snprintf(text, sizeof text, "height %s, %s old",
                   p->height ? format_count(amount, p->height) : dash,
                   format_since(age, ctx->now_us, p->template_us));
    y = check(c, y, p->has_job, "block template", p->has_job ? text : "none yet");
    if (p->coin)
        (void)snprintf(text, sizeof text, "%s, network %s%s", p->coin->name,
                       network_name(p->network),
                       show_worthless(ctx->now) ? ": its coins have no value" : "");
    else
        (void)snprintf(text, sizeof text, "none: set pool.coin");
    y = check(c, y, p->coin != NULL, "coin", text);
    y = check(c, y, !ctx->now->store.error[0], "database",
              ctx->now->store.error[0] ? ctx->now->store.error : ctx->now->store.path);
    return check(c, y, p->ledger_ok, "ledger",
                 p->ledger_ok ? "credited = paid + owed + fee"
                              : "does not add up: turn pool mode on only after looking");
}

static void draw_off(const struct ui_ctx *ctx, struct canvas all)
{
    struct pool_state *s = ctx->state;
    int w = all.w - 4 < 76 ? all.w - 4 : 76, y = -s->top;

    canvas_rule(all, 0, "Pool mode is off", "O: turn it on");
    struct canvas c = canvas_sub(all, 0, 1, all.w, all.h - 1);
    y = show_wrapped(c, 2, y, w, STYLE_TEXT,
                     "This rig mines alone: what it finds goes to the configured pool or, "
                     "solo, to your own address.") +
        1;
    (void)canvas_text(c, 1, y++, STYLE_HEADING, "Turning pool mode on will");
    static const char *const steps[] = {
        "open the Stratum port below to other miners",
        "move the devices of this rig to the own pool; they go on hashing",
        "leave the upstream pools; they are used again when pool mode is off",
        "credit every accepted share in the ledger, by the reward scheme",
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        y = show_wrapped(c, 4, y, w - 2, STYLE_TEXT, steps[i]);
    y++;
    (void)canvas_text(c, 1, y++, STYLE_HEADING, "Check list");
    y = draw_checks(ctx, c, y) + 1;
    (void)show_wrapped(c, 2, y, w, STYLE_LABEL,
                       "Turning it off again disconnects the miners after their shares are "
                       "credited; balances stay in the ledger.");
}

static void pool_draw(const struct ui_ctx *ctx, struct canvas c)
{
    const struct pool_state *s = ctx->state;

    if (ctx->now->pool_on)
        draw_on(ctx, c);
    else if (s->shows_bans)
        draw_bans(ctx, c);
    else
        draw_off(ctx, c);
}

static void end_ban(const struct ui_ctx *ctx)
{
    struct pool_state *s = ctx->state;
    struct table_model m = ban_model(ctx);
    int row = table_chosen(&s->bans, &m, ctx);
    char words[96];

    if (row < 0) {
        screen_say(ctx->screen, "nobody is banned");
        return;
    }
    (void)snprintf(words, sizeof words, "ban remove %s", ctx->now->pool.ban[row].network);
    screen_command(ctx->screen, words);
}

/* While the bans are shown only they are acted on. */
static bool bans_act(const struct ui_ctx *ctx, const char *action)
{
    struct pool_state *s = ctx->state;
    struct table_model m = ban_model(ctx);

    if (strcmp(action, "bans") == 0 || strcmp(action, "back") == 0)
        s->shows_bans = false;
    else if (strcmp(action, "ban.remove") == 0)
        end_ban(ctx);
    else
        return table_act(&s->bans, &m, ctx, action);
    return true;
}

/* The words about bans, wherever they are said. */
static bool ban_words(const struct ui_ctx *ctx, const char *action)
{
    struct pool_state *s = ctx->state;

    if (strcmp(action, "ban.add") == 0)
        screen_prompt(ctx->screen, "ban add ");
    else if (strcmp(action, "bans") == 0)
        s->shows_bans = true;
    else if (strcmp(action, "ban.remove") == 0)
        screen_say(ctx->screen, "b shows the bans; u ends the chosen one");
    else
        return false;
    return true;
}

static bool pool_act(const struct ui_ctx *ctx, const char *action)
{
    struct pool_state *s = ctx->state;
    struct table_model m = worker_model(ctx);

    if (s->shows_bans && strcmp(action, "ban.add") != 0)
        return bans_act(ctx, action);
    if (ban_words(ctx, action))
        return true;
    if (!ctx->now || ctx->now->pool_on)
        return table_act(&s->table, &m, ctx, action);
    if (strcmp(action, "move.down") == 0)
        s->top += s->top < 20;
    else if (strcmp(action, "move.up") == 0)
        s->top -= s->top > 0;
    else if (strcmp(action, "move.first") == 0 || strcmp(action, "move.page_up") == 0)
        s->top = 0;
    else
        return table_act(&s->table, &m, ctx, action);
    return true;
}

static void pool_typed(const struct ui_ctx *ctx, const char *action, const char *text)
{
    struct pool_state *s = ctx->state;
    struct table_model m = s->shows_bans ? ban_model(ctx) : worker_model(ctx);

    table_typed(s->shows_bans ? &s->bans : &s->table, &m, ctx, action, text);
}

static void pool_fini(void *state)
{
    table_fini(&((struct pool_state *)state)->table);
    table_fini(&((struct pool_state *)state)->bans);
}

static const char *pool_note(const struct snapshot *now)
{
    return now->pool_on ? "ON" : "off";
}

static const struct binding bindings[] = {
    {"b", "bans", "who may not connect, and why; again: the workers", "Bans"},
    {"u", "ban.remove", "end the chosen ban", NULL},
    {"B", "ban.add", "ban an address or a network", NULL},
    TABLE_BINDINGS,
    {0},
};

extern const struct panel panel_pool;
const struct panel panel_pool = {
    .name = "pool",
    .title = "Pool",
    .key = '6',
    .state_bytes = sizeof(struct pool_state),
    .bindings = bindings,
    .draw = pool_draw,
    .act = pool_act,
    .typed = pool_typed,
    .fini = pool_fini,
    .note = pool_note,
};
