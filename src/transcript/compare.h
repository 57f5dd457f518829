/* SPDX-License-Identifier: MIT */
/* Is a message of the same kind as the recorded one? Values may differ, shapes not. */
#pragma once

#include "transcript/report.h"
#include "transcript/script.h"

/* What the other end sent as a request, beside the recorded one: parameters by number, by type, and
 * the lengths of the numbers in a share. */
void compare_request(struct report *, const struct script *, const struct step *,
                     const struct message *);

/* An answer beside the recorded one: yes or no, and the result's shape. */
void compare_answer(struct report *, const struct step *, const struct message *);

/* The answer to a share on another job than the recorded one, whose verdict cannot be the same:
 * only a refusal that is not about the share's work is a difference. */
void compare_verdict(struct report *, const struct step *, const struct message *);

/* A message that nobody asked for (jobs): by number and type of its parameters. */
void compare_notice(struct report *, const struct step *, const struct message *);
