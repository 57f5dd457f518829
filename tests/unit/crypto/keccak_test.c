/* SPDX-License-Identifier: MIT */
/* Keccak with the original padding, against digests of an independent implementation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "crypto/keccak.h"

static void assert_bytes(const uint8_t *bytes, size_t len, const char *hex)
{
    char text[2 * 64 + 1];

    hex_encode(bytes, len, text);
    assert_string_equal(text, hex);
}

static void keccak_gives_the_known_answers(void **state)
{
    uint8_t out[64];

    (void)state;
    keccak256("", 0, out);
    assert_bytes(out, 32, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    keccak256("abc", 3, out);
    assert_bytes(out, 32, "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    keccak512("", 0, out);
    assert_bytes(out, 64,
                 "0eab42de4c3ceb9235fc91acffe746b29c29a8c366b7c60e4e67c466f36a4304"
                 "c00fa9caf9d87976ba469bcbe06713b435f091ef2769fb160cdab33d3670680e");
    keccak512("abc", 3, out);
    assert_bytes(out, 64,
                 "18587dc2ea106b9a1563e32b3312421ca164c7f1f07bc922a9c83d77cea3a1e5"
                 "d0c69910739025372dc14ac9642629379540c17e2a65b19d77aa511a9d00bb96");
}

/* keccak256 over the digests of the messages of 0..300 bytes, byte i being 7 i + length: each
 * length goes through padding and block borders. */
static void keccak_takes_every_length(void **state)
{
    uint8_t message[301], out[64];
    struct keccak all[2];

    (void)state;
    keccak_start(&all[0], KECCAK256_RATE);
    keccak_start(&all[1], KECCAK256_RATE);
    for (unsigned len = 0; len <= 300; len++) {
        for (unsigned i = 0; i < len; i++)
            message[i] = (uint8_t)(7 * i + len);
        keccak256(message, len, out);
        keccak_add(&all[0], out, 32);
        keccak512(message, len, out);
        keccak_add(&all[1], out, 64);
    }
    keccak_end(&all[0], out, 32);
    assert_bytes(out, 32, "1c239d59092031520cb4dbaef3b475b9e8a5cd5c2d72c95ba96ca3f60a26c0ad");
    keccak_end(&all[1], out, 32);
    assert_bytes(out, 32, "2885baefc9197443c552bbd7c922a592797dd3978ae5b1715d9f13864dbb42e2");
}

static void pieces_give_what_the_whole_gives(void **state)
{
    uint8_t message[301], want[64], out[64];
    struct keccak k;

    (void)state;
    for (unsigned i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * i);
    keccak512(message, sizeof message, want);
    for (unsigned piece = 1; piece < 80; piece++) {
        keccak_start(&k, KECCAK512_RATE);
        for (unsigned at = 0; at < sizeof message; at += piece)
            keccak_add(&k, message + at, sizeof message - at < piece ? sizeof message - at : piece);
        keccak_end(&k, out, 64);
        assert_memory_equal(out, want, 64);
    }
}

static void a_digest_may_replace_its_message(void **state)
{
    uint8_t bytes[64] = {0}, want[64];

    (void)state;
    keccak512(bytes, 64, want);
    keccak512(bytes, 64, bytes);
    assert_memory_equal(bytes, want, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keccak_gives_the_known_answers),
        cmocka_unit_test(keccak_takes_every_length),
        cmocka_unit_test(pieces_give_what_the_whole_gives),
        cmocka_unit_test(a_digest_may_replace_its_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
