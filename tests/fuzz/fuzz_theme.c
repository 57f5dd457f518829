/* SPDX-License-Identifier: MIT */
/* Theme files and text filters. */
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/logview.h"
#include "ui/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct theme theme = {0};
    struct filter filter = {0};
    AUTO_STR struct str warnings = {0};

    if (size > 4096)
        return 0;
    AUTO_FREE char *text = xstrndup((const char *)data, size);
    (void)theme_parse(&theme, text, &warnings);
    /* expressions are the C library's: leave them out, words are ours */
    if (text[0] != '/') {
        filter_set(&filter, text);
        (void)filter_match(&filter, "accepted cpu0 diff 512.8k");
        filter_fini(&filter);
    }
    return 0;
}
