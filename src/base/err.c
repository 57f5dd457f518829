/* SPDX-License-Identifier: MIT */
/* Texts of error codes, and faults for people. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

#include <uv.h>

static const struct {
    int code;
    const char *text;
} ours[] = {
#define ERR_ROW(name, code, text) {(code), (text)},
    ERR_LIST(ERR_ROW)
#undef ERR_ROW
};

const char *err_str(int code)
{
    if (code >= 0)
        return "no error";
    for (unsigned i = 0; i < sizeof ours / sizeof *ours; i++)
        if (ours[i].code == code)
            return ours[i].text;
    if (code < -10000)
        return "unknown error";
    return uv_strerror(code); /* UV_EXXX equals -errno on Unix */
}

int fault_set(struct fault *why, int code, const char *format, ...)
{
    if (!why)
        return code;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return code;
}
