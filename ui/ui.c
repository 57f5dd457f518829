/* SPDX-License-Identifier: MIT */
/* The console's thread: its loop waits for keys, signals, snapshots and the time of the next frame.
 * Everything towards the hub goes through the port, everything from it through two slots. */
#include "ui/ui.h"

#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "hub/command.h"
#include "hub/snapshot.h"
#include "ui/input.h"
#include "ui/screen.h"
#include "ui/term.h"

enum { LOG_BATCH = 512, STOP_WAIT_US = 120000, SOON_US = 50000, ESC_TIMER_MS = 26 };

struct ui {
    struct ui_options opts;
    char tty[128];
    uv_thread_t thread;
    uv_sem_t ready;
    int err;
    struct fault why;

    struct slot snapshots, replies; /* from the hub; newest wins */
    uv_async_t bell;                /* of this thread */
    atomic_bool stopping;

    /* only this thread */
    uv_loop_t loop;
    uv_poll_t poll;
    uv_timer_t frame, escape;
    uv_signal_t winch, stop, cont;
    struct term *term;
    struct screen *screen;
    struct input input;
    struct log_record *records;
    char theme_shown[32];
    int64_t drawn_us;
    bool owed;  /* a frame was skipped: draw when the terminal has taken the last one */
    bool asked; /* a command is under way: show what comes of it at once */
    bool gone;  /* the terminal hung up */
    bool has_data;
};

static void on_reply(void *arg, const struct command_reply *reply) /* hub thread */
{
    struct ui *ui = arg;
    struct command_reply *copy = xmalloc(sizeof *copy);

    *copy = *reply;
    free(slot_put(&ui->replies, copy));
    (void)uv_async_send(&ui->bell);
}

static void post(struct ui *ui, const char *words, bool end)
{
    struct command_request *request = xcalloc(1, sizeof *request);
    struct event ev = {.type = EV_COMMAND, .extra = end ? 1 : 0, .at_us = now_us(), .p = request};

    (void)text_copy(request->words, sizeof request->words, words);
    request->reply = on_reply;
    request->arg = ui;
    ui->asked = true;
    if (!port_post(ui->opts.commands, ev, &ui->stopping))
        free(request);
}

static void send_command(void *arg, const char *words)
{
    post(arg, words, false);
}

static void send_quit(void *arg)
{
    post(arg, "quit", true);
}

static void take_log(struct ui *ui)
{
    unsigned n = log_recent(screen_log_seq(ui->screen), ui->records, LOG_BATCH);

    screen_log(ui->screen, ui->records, n);
}

static void on_tty(uv_poll_t *, int status, int events);

static void watch(struct ui *ui)
{
    int events = UV_READABLE | (ui->owed ? UV_WRITABLE : 0);

    if (!ui->gone && !uv_is_closing((uv_handle_t *)&ui->poll))
        (void)uv_poll_start(&ui->poll, events, on_tty);
}

static void draw(struct ui *ui)
{
    int w, h, x, y;
    const struct theme *theme = screen_theme(ui->screen);

    if (ui->gone)
        return;
    take_log(ui);
    term_size(ui->term, &w, &h);
    if (strcmp(theme->name, ui->theme_shown) != 0) {
        (void)text_copy(ui->theme_shown, sizeof ui->theme_shown, theme->name);
        term_theme(ui->term, theme);
    }
    if (screen_wants_redraw(ui->screen))
        term_redraw(ui->term);
    screen_resize(ui->screen, w, h);
    ui->drawn_us = now_us();
    const struct grid *grid = screen_draw(ui->screen, ui->drawn_us, &x, &y);
    ui->owed = !term_frame(ui->term, grid, x, y) || !term_flush(ui->term);
    watch(ui);
}

static void on_frame(uv_timer_t *timer)
{
    struct ui *ui = timer->data;
    uint64_t ms = (uint64_t)(screen_refresh_us(ui->screen) / 1000);

    if (now_us() - ui->drawn_us >= screen_refresh_us(ui->screen) - SOON_US)
        draw(ui);
    (void)uv_timer_start(timer, on_frame, ms, 0);
}

static void on_key(void *arg, int key)
{
    struct ui *ui = arg;

    screen_key(ui->screen, key, now_us());
}

static void on_escape(uv_timer_t *timer)
{
    struct ui *ui = timer->data;

    if (input_idle(&ui->input, now_us(), on_key, ui))
        (void)uv_timer_start(timer, on_escape, ESC_TIMER_MS, 0);
    draw(ui);
}

/* A terminal that hung up is left alone, and the program is asked to end: nobody could see or stop
 * it any more. Whoever wants it to go on runs the service, tmux or nohup. */
static void hang_up(struct ui *ui)
{
    ui->gone = true;
    (void)uv_poll_stop(&ui->poll);
    (void)uv_timer_stop(&ui->frame);
    if (ui->opts.survive_hangup) {
        log_write(LOG_WARN, LOG_UI, "the console's terminal is gone; mining goes on without it");
        return;
    }
    log_write(LOG_WARN, LOG_UI,
              "the console's terminal is gone: stopping; `otedama serve` needs no terminal");
    send_quit(ui);
}

static void on_tty(uv_poll_t *poll, int status, int events)
{
    struct ui *ui = poll->data;
    uint8_t bytes[512];
    ssize_t n = 0;

    if (status < 0 || (events & UV_READABLE)) {
        n = term_read(ui->term, bytes, sizeof bytes);
        if (n < 0 || status < 0) {
            hang_up(ui);
            return;
        }
        input_feed(&ui->input, bytes, (size_t)n, now_us(), on_key, ui);
        if (ui->input.n || ui->input.paste)
            (void)uv_timer_start(&ui->escape, on_escape, ESC_TIMER_MS, 0);
    }
    if (n > 0 || (ui->owed && term_flush(ui->term)))
        draw(ui);
}

static void on_winch(uv_signal_t *handle, int number)
{
    (void)number;
    draw(handle->data);
}

/* Stops like any program; the terminal is in order meanwhile. */
static void on_stop(uv_signal_t *handle, int number)
{
    struct ui *ui = handle->data;

    (void)number;
    term_suspend(ui->term);
    (void)raise(SIGSTOP);
    term_resume(ui->term);
    draw(ui);
}

static void on_cont(uv_signal_t *handle, int number)
{
    struct ui *ui = handle->data;

    (void)number;
    term_resume(ui->term);
    draw(ui);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void on_bell(uv_async_t *bell)
{
    struct ui *ui = bell->data;

    if (atomic_load(&ui->stopping)) {
        uv_walk(&ui->loop, close_handle, NULL);
        return;
    }
    struct snapshot *now = slot_take(&ui->snapshots);
    struct command_reply *reply = slot_take(&ui->replies);
    bool due = now_us() - ui->drawn_us >= screen_refresh_us(ui->screen) - SOON_US;
    if (reply)
        screen_reply(ui->screen, reply->err, reply->text);
    if (now)
        screen_snapshot(ui->screen, now);
    if (reply || (now && (due || ui->asked || !ui->has_data)))
        draw(ui);
    ui->asked = ui->asked && !now;
    ui->has_data = ui->has_data || now;
    free(reply);
}

static bool pick_symbols(const struct ui *ui, enum symbols *ret)
{
    static const char *const names[] = {
        [SYMBOLS_ASCII] = "ascii", [SYMBOLS_BLOCK] = "block", [SYMBOLS_BRAILLE] = "braille"};

    for (unsigned i = 0; ui->opts.symbols && i < sizeof names / sizeof *names; i++)
        if (strcmp(ui->opts.symbols, names[i]) == 0) {
            *ret = (enum symbols)i;
            return true;
        }
    return false;
}

static void make_screen(struct ui *ui)
{
    struct screen_options o = {.commands = command_table,
                               .ascii = term_ascii(ui->term),
                               .no_color = ui->opts.no_color,
                               .symbols = term_symbols(ui->term),
                               .refresh_us = ui->opts.refresh_us,
                               .send = send_command,
                               .quit = send_quit,
                               .arg = ui};
    struct fault why = {0};

    (void)pick_symbols(ui, &o.symbols);
    if (theme_load(&o.theme, theme_pick(ui->opts.theme, ui->opts.no_color), &why) < 0)
        log_write(LOG_WARN, LOG_UI, "%s", why.text);
    ui->screen = screen_new(&o);
}

static int open_handles(struct ui *ui)
{
    int err;

    if ((err = uv_poll_init(&ui->loop, &ui->poll, term_fd(ui->term))) < 0)
        return err;
    (void)uv_timer_init(&ui->loop, &ui->frame);
    (void)uv_timer_init(&ui->loop, &ui->escape);
    (void)uv_signal_init(&ui->loop, &ui->winch);
    (void)uv_signal_init(&ui->loop, &ui->stop);
    (void)uv_signal_init(&ui->loop, &ui->cont);
    ui->poll.data = ui->frame.data = ui->escape.data = ui->bell.data = ui;
    ui->winch.data = ui->stop.data = ui->cont.data = ui;
    if ((err = uv_signal_start(&ui->winch, on_winch, SIGWINCH)) < 0 ||
        (err = uv_signal_start(&ui->stop, on_stop, SIGTSTP)) < 0 ||
        (err = uv_signal_start(&ui->cont, on_cont, SIGCONT)) < 0)
        return err;
    return 0;
}

static void finish(struct ui *ui)
{
    while (uv_loop_close(&ui->loop) == UV_EBUSY) {
        uv_walk(&ui->loop, close_handle, NULL);
        (void)uv_run(&ui->loop, UV_RUN_DEFAULT);
    }
    term_close(ui->term, now_us() + STOP_WAIT_US);
    screen_free(ui->screen);
    free(ui->records);
}

static void run(void *arg)
{
    struct ui *ui = arg;

    (void)pthread_setname_np(pthread_self(), "ui");
    if ((ui->err = term_open(ui->tty, &ui->term, &ui->why)) == 0) {
        ui->records = xcalloc(LOG_BATCH, sizeof *ui->records);
        make_screen(ui);
        if ((ui->err = open_handles(ui)) < 0)
            (void)fault_set(&ui->why, ui->err, "the terminal %s cannot be watched: %s", ui->tty,
                            err_str(ui->err));
    }
    if (ui->err < 0) {
        finish(ui);
        uv_sem_post(&ui->ready);
        return;
    }
    uv_sem_post(&ui->ready);
    (void)uv_timer_start(&ui->frame, on_frame, 0, 0);
    watch(ui);
    (void)uv_run(&ui->loop, UV_RUN_DEFAULT);
    finish(ui);
}

static void name_tty(const struct ui_options *opts, char *out, size_t size)
{
    if (opts->tty)
        (void)text_copy(out, size, opts->tty);
    else if (ttyname_r(STDIN_FILENO, out, size) != 0 || access(out, R_OK | W_OK) != 0)
        (void)text_copy(out, size,
                        access("/dev/tty", R_OK | W_OK) == 0 ? "/dev/tty" : "/proc/self/fd/0");
}

static void ui_free(struct ui *ui)
{
    snapshot_unref(slot_take(&ui->snapshots));
    free(slot_take(&ui->replies));
    uv_sem_destroy(&ui->ready);
    free(ui);
}

int ui_start(const struct ui_options *opts, struct ui **ret, struct fault *why)
{
    struct ui *ui = xcalloc(1, sizeof *ui);
    int err;

    ui->opts = *opts;
    (void)setlocale(LC_CTYPE, "");
    name_tty(opts, ui->tty, sizeof ui->tty);
    if ((err = uv_sem_init(&ui->ready, 0)) < 0 || (err = uv_loop_init(&ui->loop)) < 0) {
        free(ui);
        return fault_set(why, err, "the console cannot start: %s", err_str(err));
    }
    (void)uv_async_init(&ui->loop, &ui->bell, on_bell);
    if ((err = uv_thread_create(&ui->thread, run, ui)) < 0) {
        uv_close((uv_handle_t *)&ui->bell, NULL);
        (void)uv_run(&ui->loop, UV_RUN_DEFAULT);
        (void)uv_loop_close(&ui->loop);
        ui_free(ui);
        return fault_set(why, err, "the console's thread cannot start: %s", err_str(err));
    }
    uv_sem_wait(&ui->ready);
    if ((err = ui->err) < 0) {
        (void)uv_thread_join(&ui->thread);
        if (why)
            *why = ui->why;
        ui_free(ui);
        return err;
    }
    *ret = ui;
    return 0;
}

void ui_show(struct ui *ui, struct snapshot *now)
{
    snapshot_unref(slot_put(&ui->snapshots, snapshot_ref(now)));
    (void)uv_async_send(&ui->bell);
}

void ui_stop(struct ui *ui)
{
    struct event ev;

    if (!ui)
        return;
    atomic_store(&ui->stopping, true);
    (void)uv_async_send(&ui->bell);
    (void)uv_thread_join(&ui->thread);
    while (port_take(ui->opts.commands, &ev))
        free(ev.p);
    ui_free(ui);
}
