/* SPDX-License-Identifier: MIT */
/* Header forms: each field stands where it should, and what was written is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/endian.h"
#include "core/job.h"
#include "crypto/sha256.h"
#include "tests/fake/dataset_algo.h"
#include "tests/fake/hash_algo.h"

enum { TIME = 0x655a1b2c, BITS = 0x1f00ffff, HEIGHT = 4711 };

static void fill_job(struct job *job, const struct header_form *form)
{
    *job = (struct job){.form = form, .height = HEIGHT, .plan = {.bits = BITS}};
    memset(job->plan.prevhash, 0x5a, 32);
}

static void fill_root(uint8_t root[32])
{
    for (unsigned i = 0; i < 32; i++)
        root[i] = (uint8_t)(0x80 + i);
}

static const struct header_form *const forms[] = {&form_bitcoin, &form_sealed, &form_devnet_blob};
enum { FORMS = sizeof forms / sizeof *forms };

static void make(const struct header_form *form, uint64_t nonce, struct algo_result *result,
                 uint8_t input[ALGO_INPUT_MAX], uint8_t header[HEADER_MAX])
{
    const struct algo algo = {.nonce_len = form->nonce_len};
    uint8_t root[32];
    struct job job;

    fill_job(&job, form);
    fill_root(root);
    memset(result, 0, sizeof *result);
    if (form == &form_sealed)
        memset(result->mix, 0x77, 31); /* the last byte stays 0: the order can be seen */
    form->input(&job, root, 0x20000000, TIME, input);
    algo_put_nonce(&algo, input, form->nonce_at, nonce);
    form->header(&job, root, 0x20000000, TIME, input, result, header);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FORMS; i++) {
        uint8_t input[ALGO_INPUT_MAX], header[HEADER_MAX], root[32], prev[32];
        struct header_fields fields;
        struct algo_result result;
        make(forms[i], 7, &result, input, header);
        fill_root(root);
        memset(prev, 0x5a, 32);
        assert_true(forms[i]->read(header, &fields));
        assert_int_equal(fields.time, TIME);
        assert_int_equal(fields.bits, BITS);
        assert_memory_equal(fields.root, root, 32);
        assert_memory_equal(fields.prev, prev, 32);
    }
}

static void what_was_hashed_and_the_mix_come_back_from_the_header(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FORMS; i++) {
        uint8_t input[ALGO_INPUT_MAX], header[HEADER_MAX], again[ALGO_INPUT_MAX], mix[32];
        struct algo_result result;
        make(forms[i], 0x01020304, &result, input, header);
        forms[i]->unseal(header, again, mix);
        assert_memory_equal(again, input, forms[i]->input_len);
        assert_memory_equal(mix, result.mix, 32);
    }
}

static void sealed_header_is_laid_out_as_ravencoins(void **state)
{
    uint8_t input[ALGO_INPUT_MAX], header[HEADER_MAX], digest[32], shown[32];
    struct algo_result result;

    (void)state;
    make(&form_sealed, UINT64_C(0x1122334455667788), &result, input, header);
    assert_int_equal(form_sealed.header_len, 120);
    assert_int_equal(le32(header), 0x20000000);
    assert_int_equal(le32(header + 68), TIME);
    assert_int_equal(le32(header + 72), BITS);
    assert_int_equal(le32(header + 76), HEIGHT);
    assert_int_equal(le64(header + 80), UINT64_C(0x1122334455667788));
    assert_int_equal(header[88], 0); /* the mix hash is stored reversed */
    assert_int_equal(header[119], 0x77);
    sha256d(header, 80, digest);
    bytes_reverse(shown, digest, 32);
    assert_memory_equal(input, shown, 32);
}

static void devnet_blob_is_laid_out_as_moneros(void **state)
{
    uint8_t input[ALGO_INPUT_MAX], header[HEADER_MAX];
    struct algo_result result;
    uint64_t time = 0;

    (void)state;
    make(&form_devnet_blob, 0x11223344, &result, input, header);
    assert_int_equal(form_devnet_blob.header_len, 80);
    assert_int_equal(header[0], 16);
    assert_int_equal(header[1], 16);
    for (unsigned i = 0; i < 5; i++) {
        time |= (uint64_t)(header[2 + i] & 0x7f) << 7 * i;
        assert_int_equal(header[2 + i] >> 7, i < 4);
    }
    assert_int_equal(time, TIME);
    assert_int_equal(header[7], 0x5a);
    assert_int_equal(le32(header + 39), 0x11223344);
    assert_int_equal(header[43], 0x80);
    assert_int_equal(header[75], 1);
    assert_int_equal(le32(header + 76), BITS);
}

static void devnet_blob_with_foreign_parts_is_not_read(void **state)
{
    static const struct {
        unsigned at;
        uint8_t value;
    } wrong[] = {{0, 17}, {1, 15}, {75, 2}, {2, 0x2c}, {6, 0}, {6, 16}, {6, 0x86}};
    struct header_fields fields;
    struct algo_result result;

    (void)state;
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t input[ALGO_INPUT_MAX], header[HEADER_MAX];
        make(&form_devnet_blob, 1, &result, input, header);
        header[wrong[i].at] = wrong[i].value;
        assert_false(form_devnet_blob.read(header, &fields));
    }
}

static void form_follows_from_the_algorithms_input(void **state)
{
    const struct algo none = {.input_len = 33, .nonce_at = 29, .nonce_len = 4};

    (void)state;
    assert_ptr_equal(form_of_algo(&fake_sha256d), &form_bitcoin);
    assert_ptr_equal(form_of_algo(&fake_sealer), &form_sealed);
    assert_ptr_equal(form_of_algo(&fake_blobber), &form_devnet_blob);
    assert_null(form_of_algo(&none));
}

static void each_registered_algorithm_has_a_form(void **state)
{
    (void)state;
    for (unsigned i = 0; algos[i]; i++)
        assert_non_null(form_of_algo(algos[i]));
}

static void form_is_found_by_its_name(void **state)
{
    (void)state;
    assert_ptr_equal(form_find("sealed"), &form_sealed);
    assert_ptr_equal(form_find("given"), &form_given);
    assert_null(form_find("round"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(what_was_hashed_and_the_mix_come_back_from_the_header),
        cmocka_unit_test(sealed_header_is_laid_out_as_ravencoins),
        cmocka_unit_test(devnet_blob_is_laid_out_as_moneros),
        cmocka_unit_test(devnet_blob_with_foreign_parts_is_not_read),
        cmocka_unit_test(form_follows_from_the_algorithms_input),
        cmocka_unit_test(each_registered_algorithm_has_a_form),
        cmocka_unit_test(form_is_found_by_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
