/* SPDX-License-Identifier: MIT */
/* The option table as documents: the commented example file and rows of the manual. */
#pragma once

#include <stdio.h>

/* config.example.yaml: every option with its help and default; loads as it is. */
void config_emit_example(FILE *);

/* otedama.yaml(5): one .TP item for each option. */
void config_emit_roff(FILE *);
