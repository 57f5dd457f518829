/* SPDX-License-Identifier: MIT */
/* The table of routes and their fields as rows for the manual page (tbl). */
#include "api/describe.h"

#include <string.h>

#include "api/routes.h"

static void print_cell(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '|')
            fputs("\\(ba", out); /* the table's own separator */
        else
            fputc(*text, out);
    }
}

static const char *scope_name(enum scope scope)
{
    static const char *const names[] = {"open", "viewer", "operator"};

    return names[scope];
}

void api_print_routes(FILE *out)
{
    fputs(".TS\nallbox tab(|);\nlb lb lb lb\nl l l lx.\nMethod|Path|Role|Meaning\n", out);
    for (const struct route *r = api_routes; r->path; r++) {
        fprintf(out, "%s|%s|%s|T{\n", method_name(r->method), r->path, scope_name(r->scope));
        print_cell(out, r->help);
        fputs(".", out);
        if (*r->params) {
            fputs(" Takes ", out);
            print_cell(out, r->params);
            fputs(".", out);
        }
        fputs("\nT}\n", out);
    }
    fputs(".TE\n", out);
}

void api_print_fields(FILE *out)
{
    const char *route = "";

    for (const struct field *f = api_fields; f->route; f++) {
        if (strcmp(route, f->route) != 0) {
            fprintf(out, "%s.SS %s\n.TS\nallbox tab(|);\nlb lb lb\nl l lx.\nField|Type|Meaning\n",
                    *route ? ".TE\n" : "", f->route);
            route = f->route;
        }
        fprintf(out, "%s|%s%s|T{\n", f->path, f->type, f->nullable ? " or null" : "");
        print_cell(out, f->help);
        fputs(".\nT}\n", out);
    }
    fputs(*route ? ".TE\n" : "", out);
}
