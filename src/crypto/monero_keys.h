/* SPDX-License-Identifier: MIT */
/* One-time keys of Monero: what an output of a transaction pays to, and how its owner knows it.
 * Points and scalars are 32 bytes as Monero writes them. Any thread. Source: CryptoNote 2.0,
 * section 4; Monero's crypto.cpp. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Can the key of an address or a transaction be it: a point in its one form, not of small order (8
 * times it is not the neutral element, so that a secret is not lost in it)? */
bool monero_point_ok(const uint8_t point[32]);

/* Is it a number from 1 to the group's order - 1? In constant time. */
bool monero_scalar_ok(const uint8_t scalar[32]);

/* secret * G. False unless the scalar is ok. */
bool monero_public(const uint8_t secret[32], uint8_t ret[32]) __attribute__((warn_unused_result));

/* 8 * secret * point: what the sender makes of r and the view key A, and the receiver of a and R.
 * False unless both are ok. It is a secret: wipe it. */
bool monero_derivation(const uint8_t point[32], const uint8_t secret[32], uint8_t ret[32])
    __attribute__((warn_unused_result));

/* Hs(derivation || index) * G + spend key: the key of a transaction's output. False unless the
 * spend key is ok. */
bool monero_output_key(const uint8_t derivation[32], uint64_t index, const uint8_t spend[32],
                       uint8_t ret[32]) __attribute__((warn_unused_result));

/* The byte beside it by which wallets pass over outputs that are not theirs. */
uint8_t monero_view_tag(const uint8_t derivation[32], uint64_t index);

/* Overwrites a secret that is used no more. */
void monero_wipe(void *secret, size_t len);
