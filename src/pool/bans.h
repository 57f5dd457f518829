/* SPDX-License-Identifier: MIT */
/* The guard with what it needs around it: limits from the configuration, bans kept in the store.
 * One for all pools of the program, as they share the Stratum port. Hub thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "front/guard.h"
#include "store/store.h"

struct bans_book;

/* Reads limits and bans. ERR_CONFIG for a network in pool.limits.trusted that is none. The store is
 * borrowed. */
int bans_book_new(const struct config *, struct store *, struct bans_book **ret, struct fault *why);
void bans_book_free(struct bans_book *); /* after the last front; NULL is fine */
struct guard *bans_book_guard(struct bans_book *);

/* New limits, for connections that are open, too; on an error the old ones stay. */
int bans_book_limits(struct bans_book *, const struct config *, struct fault *why);
/* Writes down a ban that a front has reported. */
void bans_book_keep(struct bans_book *, const struct guard_ban *);
/* By hand; `for_ms` 0 = for ever. ERR_FIELD or UV_ENOSPC and `why`; `*ret` is what is in force. */
int bans_book_add(struct bans_book *, const char *network, int64_t for_ms, struct guard_ban *ret,
                  struct fault *why);
/* ERR_FIELD and `why` when it is no network, or not banned. */
int bans_book_remove(struct bans_book *, const char *network, struct fault *why);
void bans_book_tick(struct bans_book *); /* once a second */
