/* SPDX-License-Identifier: MIT */
/* RandomX datasets: items, the check of them, the file that keeps them, giving up. Of the 34
 * million items only the first few thousand are made; the rest of the memory is never touched. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kernels/randomx/data.h"
#include "kernels/randomx/file.h"
#include "kernels/randomx/pages.h"
#include "randomx_fixture.h"
#include "tests/fake/folder.h"

enum { ITEMS = 40000, BYTES = ITEMS * RX_ITEM_BYTES, HEADER = 4096, ROOM_MS = 400 };

static json_t *vectors;
static struct rx_data *data; /* of the key of [dataset_items], with room for all items */
static char dir[FOLDER_MAX];
static const struct dataset_ops *ops;
static _Atomic bool no_cancel;

/* The state for a key, reserved, files in `dir`; to be freed with ops->free. */
static struct rx_data *make(const struct algo_key *key)
{
    const struct dataset_choices choices = {.dir = dir, .huge_pages = true};
    struct dataset_plan plan;
    _Atomic uint32_t permille = 0;
    bool complete;
    void *state = NULL;

    assert_int_equal(ops->plan(key, &plan, NULL), 0);
    assert_int_equal(ops->light(key, &plan, &choices, &no_cancel, &permille, &state, NULL), 0);
    assert_int_equal(permille, 1000);
    ((struct rx_data *)state)->items = ITEMS;
    assert_int_equal(ops->reserve(state, &no_cancel, &complete, NULL), 0);
    assert_false(complete);
    return state;
}

static const uint8_t *item(uint64_t at)
{
    return rx_items(data, &data->copies[0]) + at * RX_ITEM_BYTES;
}

static void items_are_the_known_ones(void **state)
{
    const char *at;
    json_t *hex;
    unsigned n = 0;

    (void)state;
    json_object_foreach(json_object_get(json_object_get(vectors, "dataset_items"), "items"), at,
                        hex)
    {
        uint8_t want[RX_ITEM_BYTES];
        uint64_t number = strtoull(at, NULL, 10);
        ops->fill(data, number, 1);
        assert_true(hex_decode(json_string_value(hex), want, sizeof want));
        assert_memory_equal(item(number), want, sizeof want);
        n++;
    }
    assert_true(n >= 8);
}

static void a_dataset_that_was_not_made_is_found_out(void **state)
{
    struct fault why = {0};

    (void)state;
    /* item 0 and the last were made by the fill; all between are zero */
    assert_int_equal(ops->finish(data, &why), ERR_CHECK);
    assert_non_null(strstr(why.text, "differs"));
}

/* --- the file -------------------------------------------------------------------------------- */

static void fill_some(void)
{
    for (uint64_t first = 0; first < ITEMS; first += ops->step)
        ops->fill(data, first, ITEMS - first < ops->step ? ITEMS - first : ops->step);
}

static unsigned files(void)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    unsigned n = 0;

    assert_non_null(d);
    while ((e = readdir(d)))
        n += e->d_name[0] != '.';
    (void)closedir(d);
    return n;
}

static char *path(void)
{
    return rx_file_path(dir, data->name);
}

/* Puts other bytes into the file at an offset. */
static void spoil(off_t at)
{
    AUTO_FREE char *file = path();
    int fd = open(file, O_RDWR);
    char byte;

    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    (void)close(fd);
}

static void touch(const char *name)
{
    AUTO_FREE char *file = xasprintf("%s/%s", dir, name);
    int fd = open(file, O_CREAT | O_WRONLY, 0600);

    assert_true(fd >= 0);
    (void)close(fd);
}

static void a_kept_dataset_is_read_back(void **state)
{
    AUTO_FREE uint8_t *before = xmalloc(BYTES);

    (void)state;
    fill_some();
    memcpy(before, item(0), BYTES);
    assert_int_equal(ops->keep(data, &no_cancel, NULL), 0);
    memset(rx_items(data, &data->copies[0]), 0, BYTES);
    assert_true(rx_read(data, &no_cancel));
    assert_memory_equal(before, item(0), BYTES);
}

static void keeping_removes_other_seeds_and_left_overs(void **state)
{
    (void)state;
    touch("randomx-seed-00.dataset");
    touch("randomx-seed-00.dataset.part");
    touch("ethash-epoch-1.dataset");
    touch("randomx-notes.txt");
    assert_int_equal(ops->keep(data, &no_cancel, NULL), 0);
    assert_int_equal(files(), 3);
    assert_true(rx_read(data, &no_cancel));
}

static void a_file_with_a_changed_bit_is_not_used(void **state)
{
    static const off_t places[] = {
        0, 9, 33, HEADER - 1, HEADER, HEADER + BYTES / 2, HEADER + BYTES - 1};

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        spoil(places[i]);
        assert_false(rx_read(data, &no_cancel));
        spoil(places[i]);
    }
    assert_true(rx_read(data, &no_cancel));
}

static void a_file_of_another_length_is_not_used(void **state)
{
    AUTO_FREE char *file = path();

    (void)state;
    assert_int_equal(truncate(file, HEADER + BYTES - 64), 0);
    assert_false(rx_read(data, &no_cancel));
    assert_int_equal(truncate(file, HEADER + BYTES), 0); /* the end is zero now */
    assert_false(rx_read(data, &no_cancel));
    assert_int_equal(truncate(file, HEADER + BYTES + 64), 0);
    assert_false(rx_read(data, &no_cancel));
    assert_int_equal(truncate(file, 0), 0);
    assert_false(rx_read(data, &no_cancel));
    assert_int_equal(unlink(file), 0);
    assert_false(rx_read(data, &no_cancel));
    assert_int_equal(mkdir(file, 0700), 0);
    assert_false(rx_read(data, &no_cancel));
    assert_int_equal(rmdir(file), 0);
    fill_some();
}

static void giving_up_leaves_no_file(void **state)
{
    _Atomic bool cancel = true;
    unsigned before = files();

    (void)state;
    assert_int_equal(ops->keep(data, &cancel, NULL), ERR_CLOSED);
    assert_int_equal(files(), before);
}

static void a_folder_that_cannot_be_written_is_an_error_with_its_name(void **state)
{
    struct fault why = {0};
    char *was = data->dir;

    (void)state;
    data->dir = xstrdup("/proc/nowhere");
    assert_true(ops->keep(data, &no_cancel, &why) < 0);
    assert_non_null(strstr(why.text, "/proc/nowhere"));
    free(data->dir);
    data->dir = was;
}

/* --- giving up, words ------------------------------------------------------------------------ */

static void making_a_cache_is_given_up_soon(void **state)
{
    struct algo_key key = key_of("07");
    const struct dataset_choices choices = {0};
    _Atomic bool cancel = true;
    _Atomic uint32_t permille = 0;
    struct dataset_plan plan;
    void *made = NULL;

    (void)state;
    assert_int_equal(ops->plan(&key, &plan, NULL), 0);
    int64_t began = now_us();
    assert_int_equal(ops->light(&key, &plan, &choices, &cancel, &permille, &made, NULL),
                     ERR_CLOSED);
    assert_true(now_us() - began < ROOM_MS * 1000);
    assert_null(made);
    sleep_us(SECOND_US); /* the thread that was left behind frees what it had */
}

static void pages_are_told_in_words(void **state)
{
    char text[96];

    (void)state;
    ops->describe(data, text, sizeof text);
    assert_true(strlen(text) < sizeof text);
    assert_null(strstr(text, "scratchpads")); /* no context was made */
}

static void aligned_memory_keeps_its_contract(void **state)
{
    static const size_t sizes[] = {1, 64, 4096, 1 << 20, (2 << 20) + 1, 5 << 20};
    void *at = NULL;
    size_t bytes;

    (void)state;
    for (int watched = 0; watched < 2; watched++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (size_t align = sizeof(void *); align <= 1 << 22; align *= 8) {
                if (watched)
                    pages_watch(true);
                assert_int_equal(posix_memalign(&at, align, sizes[i]), 0);
                (void)pages_watched(&bytes);
                assert_int_equal((uintptr_t)at % align, 0);
                memset(at, 1, sizes[i]);
                free(at);
            }
}

static int set_up(void **state)
{
    struct algo_key key;

    (void)state;
    ops = algo_randomx.dataset;
    assert_int_equal(folder_make(dir), 0);
    vectors = randomx_vectors();
    key = key_of(word(json_object_get(vectors, "dataset_items"), "key"));
    data = make(&key);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ops->free(data);
    json_decref(vectors);
    return folder_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_the_known_ones),
        cmocka_unit_test(a_dataset_that_was_not_made_is_found_out),
        cmocka_unit_test(a_kept_dataset_is_read_back),
        cmocka_unit_test(keeping_removes_other_seeds_and_left_overs),
        cmocka_unit_test(a_file_with_a_changed_bit_is_not_used),
        cmocka_unit_test(a_file_of_another_length_is_not_used),
        cmocka_unit_test(giving_up_leaves_no_file),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_an_error_with_its_name),
        cmocka_unit_test(making_a_cache_is_given_up_soon),
        cmocka_unit_test(pages_are_told_in_words),
        cmocka_unit_test(aligned_memory_keeps_its_contract),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
