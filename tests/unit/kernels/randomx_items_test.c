/* SPDX-License-Identifier: MIT */
/* RandomX items of our own: the programs of a key, the items by the definition, the code that makes
 * eight at once, against known ones and librandomx. */
#include <stdlib.h>

#include "algo/cpu.h"
#include "base/rand.h"
#include "kernels/randomx/blake2b.h"
#include "kernels/randomx/data.h"
#include "kernels/randomx/items.h"
#include "kernels/randomx/superscalar.h"
#include "randomx_fixture.h"

enum { KEYS = 3, ROW = 203 };

static json_t *vectors;

static void blake2b_gives_the_known_digests(void **state)
{
    static const struct {
        const char *in, *out;
        size_t out_len;
    } known[] = {
        {"abc",
         "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
         "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
         64}, /* RFC 7693, appendix A */
        {"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8", 32},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t got[64], want[64];
        assert_true(hex_decode(known[i].out, want, known[i].out_len));
        rx_blake2b(known[i].in, strlen(known[i].in), got, known[i].out_len);
        assert_memory_equal(got, want, known[i].out_len);
    }
}

/* Source: the RandomX specification, its table of reciprocals. */
static void reciprocals_are_the_known_ones(void **state)
{
    (void)state;
    assert_int_equal(rx_reciprocal(3), UINT64_C(12297829382473034410));
    assert_int_equal(rx_reciprocal(13), UINT64_C(11351842506898185609));
    assert_int_equal(rx_reciprocal(33), UINT64_C(17887751829051686415));
    assert_int_equal(rx_reciprocal(65537), UINT64_C(18446462603027742720));
    assert_int_equal(rx_reciprocal(15000001), UINT64_C(10316166306300415204));
    assert_int_equal(rx_reciprocal(3845182035), UINT64_C(10302264209224146340));
    assert_int_equal(rx_reciprocal(0xffffffff), UINT64_C(9223372039002259456));
}

static void items_by_the_definition_are_the_known_ones(void **state)
{
    static struct super_program programs[SUPER_PROGRAMS];
    const json_t *set = json_object_get(vectors, "dataset_items");
    struct algo_key key = key_of(word(set, "key"));
    struct dataset *d = light_of(word(set, "key"), NULL);
    const struct rx_data *data = dataset_memory(d);
    const uint8_t *cache = rx_cache_memory(data->rx, data->cache);
    const char *at;
    json_t *hex;

    (void)state;
    assert_non_null(cache);
    super_generate(key.seed, key.seed_len, programs);
    json_object_foreach(json_object_get(set, "items"), at, hex)
    {
        uint8_t want[RX_ITEM_BYTES], got[RX_ITEM_BYTES];
        assert_true(hex_decode(json_string_value(hex), want, sizeof want));
        super_item(programs, cache, strtoull(at, NULL, 10), got);
        assert_memory_equal(got, want, sizeof want);
    }
    dataset_unref(d);
}

/* A row of items, as long as not to end with a whole group. */
static void assert_row(const struct rx_data *data, const struct rx_items *maker,
                       const struct super_program *programs, struct rx_set *set, uint64_t first)
{
    static _Alignas(RX_ITEM_BYTES) uint8_t got[ROW * RX_ITEM_BYTES];
    const uint8_t *want = data->rx->get_dataset_memory(set);
    uint8_t one[RX_ITEM_BYTES];

    want += first * RX_ITEM_BYTES;
    data->rx->init_dataset(set, data->cache, first, ROW);
    super_item(programs, rx_cache_memory(data->rx, data->cache), first, one);
    assert_memory_equal(one, want, sizeof one);
    if (!maker)
        return;
    rx_items_make(maker, first, ROW, got);
    assert_memory_equal(got, want, sizeof got);
}

static void items_of_random_keys_are_the_librarys(void **state)
{
    static struct super_program programs[SUPER_PROGRAMS];
    struct rx_set *set = rx_lib(NULL)->alloc_dataset(0);

    (void)state;
    assert_non_null(set);
    for (unsigned i = 0; i < KEYS; i++) {
        struct dataset_choices choices = {.huge_pages = i % 2};
        uint8_t seed[ALGO_SEED_MAX];
        char hex[2 * ALGO_SEED_MAX + 1];
        size_t len = i ? 1 + rand_u32() % ALGO_SEED_MAX : 0;
        rand_bytes(seed, sizeof seed);
        hex_encode(seed, len, hex);
        struct dataset *d = light_of(hex, &choices);
        const struct rx_data *data = dataset_memory(d);
        assert_non_null(rx_cache_memory(data->rx, data->cache));
        struct rx_items *maker = rx_items_new(seed, len, rx_cache_memory(data->rx, data->cache));
        assert_true(maker || !(cpu_features() & CPU_AVX512));
        super_generate(seed, len, programs);
        assert_row(data, maker, programs, set, 0);
        assert_row(data, maker, programs, set, RX_ITEMS - ROW);
        for (unsigned k = 0; k < 20; k++)
            assert_row(data, maker, programs, set, rand_u32() % (RX_ITEMS - ROW));
        rx_items_free(maker);
        dataset_unref(d);
    }
    rx_lib(NULL)->release_dataset(set);
}

static int set_up(void **state)
{
    (void)state;
    vectors = randomx_vectors();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blake2b_gives_the_known_digests),
        cmocka_unit_test(reciprocals_are_the_known_ones),
        cmocka_unit_test(items_by_the_definition_are_the_known_ones),
        cmocka_unit_test(items_of_random_keys_are_the_librarys),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
