/* SPDX-License-Identifier: MIT */
/* Colours: names, xterm's 256 as RGB, mapping down, contrast (WCAG 2 relative luminance). */
#include "ui/colour.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct rgb {
    int r, g, b;
};

/* xterm's defaults for the first sixteen. */
static const struct rgb basic[16] = {
    {0, 0, 0},     {205, 0, 0},     {0, 205, 0},     {205, 205, 0},   {0, 0, 238}, {205, 0, 205},
    {0, 205, 205}, {229, 229, 229}, {127, 127, 127}, {255, 0, 0},     {0, 255, 0}, {255, 255, 0},
    {92, 92, 255}, {255, 0, 255},   {0, 255, 255},   {255, 255, 255},
};

bool colour_parse(const char *word, int32_t *ret)
{
    static const char *const names[] = {"black", "red",     "green", "yellow",
                                        "blue",  "magenta", "cyan",  "white"};
    bool bright = strncasecmp(word, "bright-", 7) == 0;
    char *end;

    if (strcasecmp(word, "default") == 0) {
        *ret = COLOUR_DEFAULT;
        return true;
    }
    for (int i = 0; i < 8; i++)
        if (strcasecmp(word + (bright ? 7 : 0), names[i]) == 0) {
            *ret = i + (bright ? 8 : 0);
            return true;
        }
    if (word[0] == '#' && strlen(word) == 7 && strspn(word + 1, "0123456789abcdefABCDEF") == 6) {
        *ret = COLOUR_RGB | (int32_t)strtol(word + 1, NULL, 16);
        return true;
    }
    if (!*word || strspn(word, "0123456789") != strlen(word) || strlen(word) > 3)
        return false;
    long number = strtol(word, &end, 10);
    if (*end || number > 255)
        return false;
    *ret = (int32_t)number;
    return true;
}

static struct rgb to_rgb(int32_t colour)
{
    static const int steps[6] = {0, 95, 135, 175, 215, 255};

    if (colour & COLOUR_RGB)
        return (struct rgb){colour >> 16 & 0xff, colour >> 8 & 0xff, colour & 0xff};
    if (colour < 16)
        return basic[colour < 0 ? 0 : colour];
    if (colour < 232) {
        int i = colour - 16;
        return (struct rgb){steps[i / 36], steps[i / 6 % 6], steps[i % 6]};
    }
    int grey = 8 + 10 * (colour - 232);
    return (struct rgb){grey, grey, grey};
}

static int nearest(int32_t colour, int first, int last)
{
    struct rgb want = to_rgb(colour);
    int best = first;
    long least = -1;

    for (int i = first; i <= last; i++) {
        struct rgb have = to_rgb(i);
        long dr = have.r - want.r, dg = have.g - want.g, db = have.b - want.b;
        long distance = 2 * dr * dr + 4 * dg * dg + 3 * db * db;
        if (least < 0 || distance < least) {
            least = distance;
            best = i;
        }
    }
    return best;
}

int colour_map(int32_t colour, int colours, bool *bold)
{
    if (colour == COLOUR_DEFAULT)
        return -1;
    if (colour & COLOUR_RGB)
        colour = nearest(colour, 16, 255);
    if (colour < colours)
        return colour;
    if (colours >= 16)
        return nearest(colour, 0, 15);
    if (colour >= 16)
        colour = nearest(colour, 0, 15);
    if (colour >= 8) {
        /* bright black on eight colours is black: white says the same as a grey */
        *bold = colour != 8;
        colour = colour == 8 ? 7 : colour - 8;
    }
    return colour;
}

static double linear(int channel)
{
    double c = channel / 255.0;

    return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(int32_t colour)
{
    struct rgb c = to_rgb(colour);

    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

double colour_contrast(int32_t a, int32_t b)
{
    double la = luminance(a), lb = luminance(b);

    return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}
