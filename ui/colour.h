/* SPDX-License-Identifier: MIT */
/* Colours by name and number, and what a poorer terminal shows instead. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ui/theme.h"

/* "default", "black"..."white", "bright-red", "0"..."255", "#rrggbb". False for other words. */
bool colour_parse(const char *word, int32_t *ret);

/* Contrast of two colours (not COLOUR_DEFAULT) after WCAG 2: 1...21. */
double colour_contrast(int32_t a, int32_t b);
