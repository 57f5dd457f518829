/* SPDX-License-Identifier: MIT */
/* On processors that no code is generated for: nobody gets any, and programs are interpreted. */
#include "kernels/kawpow/jit.h"

size_t kawpow_code_write(const struct kawpow_program *program, const struct kawpow_style *style,
                         uint8_t *out, size_t room)
{
    (void)program;
    (void)style;
    (void)out;
    (void)room;
    return 0;
}

struct kawpow_code *kawpow_code_new(void)
{
    return NULL;
}

void kawpow_code_free(struct kawpow_code *code)
{
    (void)code;
}

kawpow_code_fn *kawpow_code_make(struct kawpow_code *code, unsigned slot,
                                 const struct kawpow_program *program, const char **why)
{
    (void)code;
    (void)slot;
    (void)program;
    *why = "none is generated for this processor";
    return NULL;
}

void kawpow_code_run(kawpow_code_fn *run, struct kawpow_mix *mix, const uint32_t *l1,
                     const uint32_t *group, unsigned loop)
{
    (void)run;
    (void)l1;
    (void)group;
    (void)loop;
    (void)mix;
}

struct kawpow_style *kawpow_code_style(struct kawpow_code *code)
{
    (void)code;
    return NULL;
}
