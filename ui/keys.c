/* SPDX-License-Identifier: MIT */
/* Names of keys, and the bindings that hold on every screen. */
#include "ui/keys.h"

#include <stdio.h>
#include <string.h>

#include "ui/canvas.h"

static const struct {
    const char *name;
    int key;
} names[] = {
    {"Up", KEY_UP},         {"Down", KEY_DOWN},   {"Left", KEY_LEFT},    {"Right", KEY_RIGHT},
    {"Home", KEY_HOME},     {"End", KEY_END},     {"PgUp", KEY_PGUP},    {"PgDn", KEY_PGDN},
    {"Ins", KEY_INSERT},    {"Del", KEY_DELETE},  {"BS", KEY_BACKSPACE}, {"Tab", KEY_TAB},
    {"S-Tab", KEY_BACKTAB}, {"Enter", KEY_ENTER}, {"Esc", KEY_ESC},      {"Space", KEY_SPACE},
};

const struct binding global_bindings[] = {
    {"F1 ? H", "help", "help for this screen, and what the abbreviations mean", "Help"},
    {"Tab Right", "screen.next", "next screen", NULL},
    {"S-Tab Left", "screen.previous", "previous screen", NULL},
    {"Esc BS", "back", "close what is open; else back to the overview", NULL},
    {"Up k C-p", "move.up", "one row up", NULL},
    {"Down j C-n", "move.down", "one row down", NULL},
    {"PgUp C-u C-b", "move.page_up", "one page up", NULL},
    {"PgDn C-d C-f", "move.page_down", "one page down", NULL},
    {"Home", "move.first", "first row", NULL},
    {"End G", "move.last", "last row", NULL},
    {"p", "pause", "pause the whole rig", NULL},
    {"r", "resume", "let the whole rig hash again", NULL},
    {"P", "menu.pool", "pool menu: switch, enable, disable, strategy, quota", "Pool"},
    {"M U", "menu.device", "device menu: pause, resume, all", "Manage"},
    {"A F5", "algorithms", "algorithms: what the devices do, and switching to another", "Algo"},
    {"S", "menu.settings", "settings menu: reload, theme, keys", "Settings"},
    {"D", "menu.display", "display menu: theme, graph symbols, log level", "Display"},
    {"O", "pool.mode", "pool mode on or off", "pOolmode"},
    {"[", "refresh.slower", "draw less often (down to every 10 s)", NULL},
    {"]", "refresh.faster", "draw more often (up to every 0.5 s)", NULL},
    {"z", "freeze", "freeze the view; mining and data go on", NULL},
    {"!", "alarm.seen", "mark the warnings in the title as seen", NULL},
    {":", "prompt.command", "type a command, with completion by Tab", "Command"},
    {"C-l", "redraw", "draw everything anew", NULL},
    {"C-z", "suspend", "says why the built-in console cannot be suspended", NULL},
    {"q Q F10", "quit", "stop and exit (asks)", "Quit"},
    {"C-c", "interrupt", "asks as q does; twice within 2 s stops at once", NULL},
    {0},
};

int key_parse(const char *name, size_t n)
{
    if (n > 2 && name[1] == '-' && (name[0] == 'C' || name[0] == 'A')) {
        int key = key_parse(name + 2, n - 2);
        return name[0] == 'A' ? KEY_ALT | key : KEY_CTRL(key);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0)
            return names[i].key;
    if (n >= 2 && n <= 3 && name[0] == 'F' && name[1] >= '1' && name[1] <= '9') {
        int number = name[1] - '0';
        if (n == 3)
            number = number * 10 + (name[2] - '0');
        return number <= 12 ? KEY_F1 + number - 1 : 0;
    }
    return n == 1 && name[0] > 0x20 ? name[0] : 0;
}

const char *key_name(int key, char out[16])
{
    out[0] = 0;
    if (key & KEY_ALT) {
        char rest[16];
        (void)snprintf(out, 16, "A-%.12s", key_name(key & ~KEY_ALT, rest));
        return out;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].key == key) {
            (void)snprintf(out, 16, "%s", names[i].name);
            return out;
        }
    if (key >= KEY_F1 && key <= KEY_F12)
        (void)snprintf(out, 16, "F%d", key - KEY_F1 + 1);
    else if (key > 0 && key < 0x20)
        (void)snprintf(out, 16, "C-%c", key | 0x60);
    else if (key > 0x20 && key < KEY_SPECIAL)
        out[utf8_put((uint32_t)key, out)] = 0;
    return out;
}

int keys_next(const char *keys, const char **at)
{
    const char *s = *at ? *at : keys;

    s += strspn(s, " ");
    size_t n = strcspn(s, " ");
    *at = s + n;
    return n ? key_parse(s, n) : 0;
}

const struct binding *binding_find(const struct binding *table, int key)
{
    for (; table && table->keys; table++) {
        const char *at = NULL;
        for (int k; (k = keys_next(table->keys, &at)) != 0;)
            if (k == key)
                return table;
    }
    return NULL;
}
