/* SPDX-License-Identifier: MIT */
/* Files that the build put into the program (scripts/embed): themes, migrations. */
#pragma once

struct embedded {
    const char *name; /* "themes/dark.theme" */
    const char *data; /* NUL-terminated after its last byte */
    const char *end;  /* one past that NUL: length is end - data - 1 */
};

extern const struct embedded embedded_files[]; /* ends with {0} */

const struct embedded *embedded_find(const char *name); /* NULL when there is none */
