/* SPDX-License-Identifier: MIT */
/* The terminal and ncurses. ncurses writes to a file in memory (it would spin on a terminal that is
 * stuck); its bytes are queued here and written without waiting. */
#include "ui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "ui/rescue.h"

enum { QUEUE_MAX = 1024 * 1024, CLOSE_WAIT_MS = 5 };

static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";

struct term {
    int fd, sink;
    struct termios was;
    bool has_was, paste, hidden;
    char type[48];
    SCREEN *screen;
    FILE *in, *out;
    struct grid shown;
    attr_t attributes[STYLES];
    short pairs[STYLES];
    struct str restore; /* bytes that leave the alternate screen */
    struct str queue;
    size_t sent;
};

static void queue_add(struct term *t, const void *bytes, size_t n)
{
    if (t->sent == t->queue.len) {
        str_clear(&t->queue);
        t->sent = 0;
    }
    if (t->queue.len + n <= QUEUE_MAX)
        str_add_n(&t->queue, bytes, n);
}

/* Takes what ncurses wrote since the last call. */
static void drain_sink(struct term *t, struct str *out)
{
    off_t n = lseek(t->sink, 0, SEEK_END);
    char chunk[4096];

    for (off_t at = 0; at < n;) {
        ssize_t got = pread(t->sink, chunk, sizeof chunk, at);
        if (got <= 0)
            break;
        str_add_n(out, chunk, (size_t)got);
        at += got;
    }
    if (ftruncate(t->sink, 0) == 0)
        (void)lseek(t->sink, 0, SEEK_SET);
}

bool term_flush(struct term *t)
{
    while (t->sent < t->queue.len) {
        ssize_t n = write(t->fd, t->queue.s + t->sent, t->queue.len - t->sent);
        if (n <= 0) {
            if (n < 0 && errno == EINTR)
                continue;
            return false;
        }
        t->sent += (size_t)n;
    }
    return true;
}

static void raw_mode(struct term *t)
{
    struct termios raw = t->was;

    if (!t->has_was)
        return;
    raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | ISTRIP | IXON);
    raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(t->fd, TCSANOW, &raw);
}

/* Starts ncurses for the terminal type, or for the nearest that is known here. ncurses sets signal
 * handlers of its own: those of the program come back. */
static SCREEN *start_curses(struct term *t)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    static const char *const nearest[] = {NULL, "xterm", "linux", "vt100", "ansi"};
    const char *type = getenv("TERM");
    struct sigaction was[4];
    SCREEN *screen = NULL;

    for (size_t i = 0; i < 4; i++)
        (void)sigaction(signals[i], NULL, &was[i]);
    for (size_t i = type && *type ? 0 : 1; i < sizeof nearest / sizeof *nearest && !screen; i++) {
        const char *name = i == 0 ? type : nearest[i];
        (void)text_copy(t->type, sizeof t->type, name);
        screen = newterm(t->type, t->out, t->in);
    }
    for (size_t i = 0; i < 4; i++)
        (void)sigaction(signals[i], &was[i], NULL);
    return screen;
}

static bool can_place_cursor(void)
{
    const char *cup = tigetstr("cup");

    return cup && cup != (const char *)(intptr_t)-1 && tigetstr("clear");
}

static int open_sink(struct term *t)
{
    if ((t->sink = memfd_create("screen", MFD_CLOEXEC)) < 0)
        return -errno;
    int copy = fcntl(t->sink, F_DUPFD_CLOEXEC, 0);
    if (copy < 0 || !(t->out = fdopen(copy, "w")))
        return -errno;
    if (!(t->in = fopen("/dev/null", "re")))
        return -errno;
    return 0;
}

static void set_up_curses(struct term *t)
{
    if (has_colors()) {
        (void)start_color();
        (void)use_default_colors();
    }
    (void)raw();
    (void)noecho();
    (void)nonl();
    (void)typeahead(-1);
    (void)scrollok(stdscr, FALSE);
    (void)leaveok(stdscr, FALSE);
    (void)curs_set(0);
    t->hidden = true;
    t->paste = strncmp(t->type, "vt", 2) != 0 && strncmp(t->type, "linux", 5) != 0;
}

/* What leaving takes in bytes is learned by leaving once, before anything is shown. */
static void learn_restore(struct term *t)
{
    AUTO_STR struct str unused = {0};

    (void)endwin();
    drain_sink(t, &unused);
    (void)refresh();
    drain_sink(t, &unused);
    (void)endwin();
    drain_sink(t, &t->restore);
    if (t->paste)
        str_add(&t->restore, paste_off);
    if (t->paste)
        queue_add(t, paste_on, sizeof paste_on - 1);
}

int term_open(const char *path, struct term **ret, struct fault *why)
{
    struct term *t = xcalloc(1, sizeof *t);
    int err;

    t->sink = -1;
    if ((t->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) < 0) {
        err = fault_set(why, -errno, "the terminal %s cannot be opened: %s", path, strerror(errno));
        goto fail;
    }
    if ((err = open_sink(t)) < 0) {
        err = fault_set(why, err, "no memory file for the console: %s", strerror(-err));
        goto fail;
    }
    if (!(t->screen = start_curses(t)) || !can_place_cursor()) {
        const char *type = getenv("TERM");
        err =
            fault_set(why, ERR_CONFIG,
                      "a terminal of type \"%s\" cannot show the console; set TERM, or start with "
                      "--headless",
                      type ? type : "");
        goto fail;
    }
    set_up_curses(t);
    learn_restore(t);
    t->has_was = tcgetattr(t->fd, &t->was) == 0;
    raw_mode(t);
    rescue_arm(t->fd, t->has_was ? &t->was : NULL, str_text(&t->restore), t->restore.len);
    *ret = t;
    return 0;

fail:
    term_close(t, 0);
    return err;
}

/* Bytes that leave the screen go out even if a frame was cut in the middle; a terminal that takes
 * nothing until the deadline is left alone, with its unread bytes thrown away. */
static void leave(struct term *t, int64_t deadline)
{
    while (!term_flush(t) && now_us() < deadline) {
        struct pollfd p = {.fd = t->fd, .events = POLLOUT};
        (void)poll(&p, 1, CLOSE_WAIT_MS);
    }
    if (!term_flush(t))
        (void)tcflush(t->fd, TCOFLUSH);
    if (t->has_was)
        (void)tcsetattr(t->fd, TCSANOW, &t->was);
}

void term_close(struct term *t, int64_t deadline)
{
    if (!t)
        return;
    rescue_disarm();
    if (t->restore.len) {
        queue_add(t, t->restore.s, t->restore.len);
        leave(t, deadline);
    }
    if (t->screen) {
        (void)endwin();
        delscreen(t->screen);
    }
    if (t->out)
        (void)fclose(t->out);
    if (t->in)
        (void)fclose(t->in);
    if (t->sink >= 0)
        (void)close(t->sink);
    if (t->fd >= 0)
        (void)close(t->fd);
    grid_fini(&t->shown);
    str_free(&t->restore);
    str_free(&t->queue);
    free(t);
}

int term_fd(const struct term *t)
{
    return t->fd;
}

void term_size(const struct term *t, int *w, int *h)
{
    struct winsize size;

    *w = 80;
    *h = 24;
    if (ioctl(t->fd, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row) {
        *w = size.ws_col < GRID_MAX ? size.ws_col : GRID_MAX;
        *h = size.ws_row < GRID_MAX ? size.ws_row : GRID_MAX;
    }
}

bool term_ascii(const struct term *t)
{
    (void)t;
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0 || wcwidth(0x2500) != 1;
}

enum symbols term_symbols(const struct term *t)
{
    if (term_ascii(t) || strncmp(t->type, "linux", 5) == 0 || strncmp(t->type, "vt", 2) == 0)
        return SYMBOLS_ASCII;
    return strncmp(t->type, "putty", 5) == 0 ? SYMBOLS_BLOCK : SYMBOLS_BRAILLE;
}

void term_theme(struct term *t, const struct theme *theme)
{
    bool colours = has_colors() && theme->base != BASE_MONO;
    bool ignore = false;

    for (int i = 0; i < STYLES; i++) {
        const struct theme_style *s = &theme->style[i];
        bool bold = s->attributes & ATTR_BOLD;
        t->pairs[i] = 0;
        if (colours && i + 1 < COLOR_PAIRS) {
            int32_t fg = s->fg == COLOUR_DEFAULT ? theme->style[STYLE_TEXT].fg : s->fg;
            int32_t bg = s->bg == COLOUR_DEFAULT ? theme->bg : s->bg;
            t->pairs[i] = (short)(i + 1);
            (void)init_pair(t->pairs[i], (short)colour_map(fg, COLORS, &bold),
                            (short)colour_map(bg, COLORS, &ignore));
        }
        t->attributes[i] = (bold ? A_BOLD : 0) | (s->attributes & ATTR_DIM ? A_DIM : 0) |
                           (s->attributes & ATTR_REVERSE ? A_REVERSE : 0) |
                           (s->attributes & ATTR_UNDERLINE ? A_UNDERLINE : 0);
    }
    term_redraw(t);
}

void term_redraw(struct term *t)
{
    grid_fini(&t->shown);
    (void)clearok(stdscr, TRUE);
}

static void put_cell(void *arg, int x, int y, const struct cell *cell)
{
    struct term *t = arg;
    unsigned style = cell->style & STYLE_MASK;
    attr_t attributes = t->attributes[style < STYLES ? style : 0];
    wchar_t text[2] = {(wchar_t)cell->cp, 0};
    cchar_t c;

    if (cell->cp == 0) /* drawn with its left half */
        return;
    if (cell->cp >= 0x80 && wcwidth((wchar_t)cell->cp) != char_width(cell->cp))
        text[0] = L'?';
    if (cell->style & FLAG_SELECT)
        attributes ^= A_REVERSE;
    if (cell->style & FLAG_STALE)
        attributes = (attributes & ~(attr_t)A_BOLD) | A_DIM;
    if (cell->style & FLAG_BOLD)
        attributes |= A_BOLD;
    if (setcchar(&c, text, attributes, t->pairs[style < STYLES ? style : 0], NULL) == OK)
        (void)mvadd_wch(y, x, &c);
}

bool term_frame(struct term *t, const struct grid *grid, int cx, int cy)
{
    AUTO_STR struct str bytes = {0};

    if (!term_flush(t))
        return false;
    if (grid->w < 1 || grid->h < 1)
        return true;
    if (t->shown.w != grid->w || t->shown.h != grid->h) {
        if (getmaxx(stdscr) != grid->w || getmaxy(stdscr) != grid->h)
            (void)resize_term(grid->h, grid->w);
        (void)erase();
        (void)clearok(stdscr, TRUE);
    }
    (void)grid_diff(&t->shown, grid, put_cell, t);
    if (t->hidden != (cx < 0))
        (void)curs_set(cx < 0 ? 0 : 1);
    t->hidden = cx < 0;
    (void)move(cx < 0 ? grid->h - 1 : cy, cx < 0 ? grid->w - 1 : cx);
    (void)refresh();
    drain_sink(t, &bytes);
    queue_add(t, str_text(&bytes), bytes.len);
    (void)term_flush(t);
    return true;
}

ssize_t term_read(struct term *t, uint8_t *bytes, size_t n)
{
    ssize_t got = read(t->fd, bytes, n);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return got < 0 ? -errno : got;
}

void term_suspend(struct term *t)
{
    queue_add(t, t->restore.s, t->restore.len);
    leave(t, now_us() + SECOND_US / 10);
}

void term_resume(struct term *t)
{
    raw_mode(t);
    if (t->paste)
        queue_add(t, paste_on, sizeof paste_on - 1);
    (void)endwin(); /* the next refresh enters the alternate screen again */
    AUTO_STR struct str unused = {0};
    drain_sink(t, &unused);
    term_redraw(t);
}
