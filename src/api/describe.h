/* SPDX-License-Identifier: MIT */
/* The table of routes, and the fields of their answers, for the manual page (tbl, roff). */
#pragma once

#include <stdio.h>

void api_print_routes(FILE *);
void api_print_fields(FILE *);
