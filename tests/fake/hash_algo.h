/* SPDX-License-Identifier: MIT */
/* sha256d as a descriptor of the tests' own: at any difficulty-1 target, without the kernels. */
#pragma once

#include "algo/algo.h"

extern const struct algo fake_sha256d; /* diff1 = 0xffff * 2^208, as Bitcoin's */
extern const struct algo fake_easy;    /* diff1 = 2^248: difficulty 1 is 256 hashes */
extern const struct algo fake_blob;    /* hashes blobs of any length: named randomx, but quick */
