/* SPDX-License-Identifier: MIT */
/* Huge pages: asking for them, and finding out which ones were given. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_2M = 2 << 20 };

/* The size that MAP_HUGETLB gives when none is named, in bytes; 0 = the system has none. */
size_t pages_default_huge(void);

/* Are so many bytes of such pages free, and does the control group leave them to us? Asked before
 * the library is: it loses memory where it finds none, and where the control group forbids them the
 * system hands them out all the same and kills the process at the first touch. */
bool pages_explicit(size_t page, size_t bytes);

/* Asks for transparent huge pages in whatever part of a range they fit. A hint. */
void pages_advise(void *at, size_t bytes);

/* How many of the range's 2 MiB units lie in huge pages of any kind. A neighbour that shares the
 * range's mapping may be counted in its place. */
unsigned pages_huge_in(const void *at, size_t bytes);

/* What librandomx allocates for itself can be had from it no other way: between these two calls, on
 * this thread, blocks of at least 1 MiB from posix_memalign begin on 2 MiB, ask for huge pages if
 * `huge`, and the largest is noted. NULL when none was made, or when this build leaves the
 * allocator alone (sanitizers). */
void pages_watch(bool huge);
void *pages_watched(size_t *bytes);
