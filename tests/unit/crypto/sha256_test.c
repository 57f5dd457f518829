/* SPDX-License-Identifier: MIT */
/* SHA-256 against FIPS 180-2's examples, and the Merkle step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "crypto/sha256.h"

static void assert_hash(const uint8_t hash[32], const char *hex)
{
    char text[65];

    hex_encode(hash, 32, text);
    assert_string_equal(text, hex);
}

static void sha256_gives_the_known_answers(void **state)
{
    uint8_t out[32];

    (void)state;
    sha256("", 0, out);
    assert_hash(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256("abc", 3, out);
    assert_hash(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, out);
    assert_hash(out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    sha256d("hello", 5, out);
    assert_hash(out, "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50");
}

static void a_pair_may_be_hashed_in_place(void **state)
{
    uint8_t left[32], right[32], both[64], want[32];

    (void)state;
    memset(left, 1, 32);
    memset(right, 2, 32);
    memcpy(both, left, 32);
    memcpy(both + 32, right, 32);
    sha256d(both, 64, want);
    sha256d_pair(left, right, left);
    assert_memory_equal(left, want, 32);
    memset(left, 1, 32);
    sha256d_pair(left, right, right);
    assert_memory_equal(right, want, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_known_answers),
        cmocka_unit_test(a_pair_may_be_hashed_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
