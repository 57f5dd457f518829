/* SPDX-License-Identifier: MIT */
/* Code points and how many cells they take, whatever the locale says: frames are the same in tests
 * and on every machine. Ranges from Unicode's EastAsianWidth and general categories, shortened to
 * what terminals agree on. */
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"

struct range {
    uint32_t first, last;
};

static const struct range zero[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad}, {0x0300, 0x036f},   {0x0483, 0x0489},
    {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f}, {0x06d6, 0x06dc},   {0x0900, 0x0902},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},   {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0x20d0, 0x20ff}, {0xd800, 0xdfff},   {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
};

static const struct range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x2e80, 0x303e},
    {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff},
    {0x1f000, 0x1faff}, {0x20000, 0x3fffd},
};

static bool within(const struct range *table, size_t n, uint32_t cp)
{
    for (size_t i = 0; i < n; i++)
        if (cp >= table[i].first && cp <= table[i].last)
            return true;
    return false;
}

int char_width(uint32_t cp)
{
    if (cp >= 0x20 && cp < 0x7f)
        return 1;
    if (cp > 0x10ffff || within(zero, sizeof zero / sizeof *zero, cp))
        return 0;
    return within(wide, sizeof wide / sizeof *wide, cp) ? 2 : 1;
}

uint32_t char_next(const char **s)
{
    unsigned cp, n = utf8_next(*s, &cp);

    if (n == 0) {
        (*s)++;
        return 0xfffd;
    }
    *s += n;
    return cp;
}

size_t utf8_put(uint32_t cp, char out[4])
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

int text_width(const char *s)
{
    int w = 0;

    while (*s)
        w += char_width(char_next(&s));
    return w;
}
