/* SPDX-License-Identifier: MIT */
/* The console's thread in a pseudo-terminal: drawing, keys, sizes, a terminal that is stuck or
 * gone. */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../fake/canned.h"
#include "base/clock.h"
#include "hub/command.h"
#include "ui/ui.h"

/* What blocks here blocks for good; what does not may still wait for a busy machine. */
enum { STOP_LIMIT_US = 20 * SECOND_US, SHOW_LIMIT_US = 10 * SECOND_US, SEEN_MAX = 1 << 20 };

static int master, slave;
static char tty[128];
static struct port *port;
static struct ui *ui;
static struct snapshot *rig;
static char *seen; /* what the terminal got since start */
static size_t seen_len;

static int set_up(void **state)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    struct ui_options o = {.theme = "dark", .symbols = "ascii", .refresh_us = 500000};
    struct fault why = {0};

    (void)state;
    (void)setenv("TERM", "xterm-256color", 1);
    (void)unsetenv("NO_COLOR");
    assert_int_equal(openpty(&master, &slave, tty, NULL, &size), 0);
    assert_int_equal(fcntl(master, F_SETFL, O_NONBLOCK), 0);
    seen = calloc(1, SEEN_MAX + 1);
    seen_len = 0;
    port = port_new(NULL);
    rig = canned_rig();
    rig->taken_us = now_us();
    o.tty = tty;
    o.commands = port;
    if (ui_start(&o, &ui, &why) < 0)
        fail_msg("%s", why.text);
    ui_show(ui, rig);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ui_stop(ui);
    ui = NULL;
    snapshot_unref(rig);
    port_free(port);
    (void)close(slave);
    if (master >= 0)
        (void)close(master);
    free(seen);
    return 0;
}

static void read_terminal(void)
{
    ssize_t n;

    while (seen_len < SEEN_MAX && (n = read(master, seen + seen_len, SEEN_MAX - seen_len)) > 0)
        seen_len += (size_t)n;
    seen[seen_len] = 0;
}

/* Reads until `text` came after position `from`. */
static void wait_for(const char *text, size_t from)
{
    int64_t end = now_us() + 30 * SECOND_US;

    for (;;) {
        read_terminal();
        if (memmem(seen + from, seen_len - from, text, strlen(text)))
            return;
        if (now_us() > end)
            fail_msg("\"%s\" did not come", text);
        struct pollfd p = {.fd = master, .events = POLLIN};
        (void)poll(&p, 1, 20);
    }
}

static void keys(const char *bytes)
{
    assert_int_equal(write(master, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
}

/* The next command, owned by the caller. */
static struct command_request *next_command(bool *end)
{
    struct event ev;
    int64_t limit = now_us() + 30 * SECOND_US;

    while (!port_take(port, &ev)) {
        assert_true(now_us() < limit);
        read_terminal();
        sleep_us(5000);
    }
    assert_int_equal(ev.type, EV_COMMAND);
    *end = ev.extra == 1;
    return ev.p;
}

static void stop_in_time(void)
{
    int64_t start = now_us();

    ui_stop(ui);
    ui = NULL;
    assert_true(now_us() - start < STOP_LIMIT_US);
}

static void draws_and_puts_the_terminal_back(void **state)
{
    struct termios before, during, after;

    (void)state;
    assert_int_equal(tcgetattr(slave, &during), 0);
    assert_false(during.c_lflag & (ICANON | ECHO | ISIG));
    before = during;
    wait_for("rig07", 0);
    wait_for("\033[?1049h", 0);
    wait_for("cpu0", 0);
    stop_in_time();
    read_terminal();
    assert_non_null(strstr(seen, "\033[?1049l"));
    assert_non_null(strstr(seen, "\033[?2004l"));
    assert_int_equal(tcgetattr(slave, &after), 0);
    assert_true(after.c_lflag & ICANON);
    assert_true(after.c_lflag & ECHO);
    (void)before;
}

static void keys_become_commands_and_replies_are_shown(void **state)
{
    bool end;
    struct command_reply reply = {.text = "it was done just so"};

    (void)state;
    wait_for("rig07", 0);
    keys(":log level debug\r");
    struct command_request *r = next_command(&end);
    assert_string_equal(r->words, "log level debug");
    assert_false(end);
    size_t from = seen_len;
    r->reply(r->arg, &reply);
    free(r);
    wait_for("it was done just so", from);
}

static void quit_dialog_asks_the_program_to_end(void **state)
{
    bool end;

    (void)state;
    wait_for("rig07", 0);
    keys("q");
    wait_for("Stop and exit", 0);
    sleep_us(350000);
    keys("s");
    free(next_command(&end));
    assert_true(end);
}

static void pasted_text_does_nothing(void **state)
{
    struct event ev;

    (void)state;
    wait_for("rig07", 0);
    keys("\033[200~:log level trace\r\033[201~");
    sleep_us(100000);
    assert_false(port_take(port, &ev));
}

static void follows_the_size_of_the_terminal(void **state)
{
    static const int sizes[][2] = {{140, 45}, {40, 8}, {1, 1}, {20, 5}, {500, 200}, {80, 24}};

    (void)state;
    wait_for("rig07", 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct winsize size = {.ws_col = (unsigned short)sizes[i][0],
                               .ws_row = (unsigned short)sizes[i][1]};
        size_t from = seen_len;
        assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
        assert_int_equal(raise(SIGWINCH), 0);
        wait_for("M", from); /* MINING, in every layout */
    }
}

static void stuck_terminal_blocks_nobody(void **state)
{
    (void)state;
    wait_for("rig07", 0);
    (void)tcflow(slave, TCOOFF);
    for (int i = 0; i < 60; i++) {
        struct snapshot *s = i % 2 ? canned_rig() : canned_pool();
        s->taken_us = now_us();
        int64_t start = now_us();
        ui_show(ui, s);
        assert_true(now_us() - start < SHOW_LIMIT_US);
        snapshot_unref(s);
        sleep_us(20000);
        if (i % 10 == 0)
            keys(i % 20 ? "1" : "3");
    }
    stop_in_time();
}

static void unread_terminal_shows_the_newest_frame_later(void **state)
{
    struct winsize big = {.ws_col = 500, .ws_row = 200};

    (void)state;
    wait_for("rig07", 0);
    assert_int_equal(ioctl(master, TIOCSWINSZ, &big), 0);
    for (int i = 0; i < 30; i++) { /* nobody reads: the pty's buffer is full soon */
        keys("\014");
        sleep_us(20000);
    }
    size_t from = seen_len;
    keys("3");
    wait_for("Pool 0 (in use)", from);
}

static void an_idle_second_costs_few_bytes(void **state)
{
    (void)state;
    wait_for("cpu0", 0);
    sleep_us(700000);
    read_terminal();
    size_t from = seen_len;
    sleep_us(2000000);
    read_terminal();
    if (seen_len - from > 2 * 400)
        fail_msg("%zu bytes in two idle seconds", seen_len - from);
}

static void hung_up_terminal_asks_the_program_to_end(void **state)
{
    struct event ev = {0};
    bool asked = false;

    (void)state;
    wait_for("rig07", 0);
    (void)close(master);
    master = -1;
    for (int64_t end = now_us() + 30 * SECOND_US; !asked && now_us() < end;) {
        ui_show(ui, rig);
        sleep_us(20000);
        while (port_take(port, &ev)) {
            asked |= ev.type == EV_COMMAND && ev.extra == 1;
            free(ev.p);
        }
    }
    assert_true(asked);
    stop_in_time();
}

static void terminal_of_no_use_is_refused_with_a_reason(void **state)
{
    struct ui_options o = {.tty = tty, .commands = port};
    struct fault why = {0};
    struct ui *none = NULL;

    (void)state;
    stop_in_time();
    (void)setenv("TERM", "dumb", 1);
    assert_true(ui_start(&o, &none, &why) < 0);
    assert_non_null(strstr(why.text, "--headless"));
    o.tty = "/nonexistent/tty";
    assert_true(ui_start(&o, &none, &why) < 0);
    assert_non_null(strstr(why.text, "/nonexistent/tty"));
}

static void other_terminal_types_start(void **state)
{
    static const char *const types[] = {"vt100", "linux", "screen",    "tmux-256color",
                                        "putty", "xterm", "unheard-of"};

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct ui_options o = {.tty = tty, .commands = port};
        struct fault why = {0};
        stop_in_time();
        (void)setenv("TERM", types[i], 1);
        if (ui_start(&o, &ui, &why) < 0)
            fail_msg("%s: %s", types[i], why.text);
        read_terminal();
        size_t from = seen_len;
        ui_show(ui, rig);
        wait_for("rig07", from);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(draws_and_puts_the_terminal_back),
        T(keys_become_commands_and_replies_are_shown),
        T(quit_dialog_asks_the_program_to_end),
        T(pasted_text_does_nothing),
        T(follows_the_size_of_the_terminal),
        T(stuck_terminal_blocks_nobody),
        T(unread_terminal_shows_the_newest_frame_later),
        T(an_idle_second_costs_few_bytes),
        T(hung_up_terminal_asks_the_program_to_end),
        T(terminal_of_no_use_is_refused_with_a_reason),
        T(other_terminal_types_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
