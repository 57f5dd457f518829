/* SPDX-License-Identifier: MIT */
/* Machines of our own against librandomx's on a full dataset of which 2 MiB of random bytes are
 * there, again and again: what the items are does not matter here. */
#include <fenv.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "algo/cpu.h"
#include "base/rand.h"
#include "kernels/randomx/ctx.h"
#include "kernels/randomx/vm.h"
#include "randomx_fixture.h"

enum { TILE = 2 << 20, HASHES = 48, INPUT = 76 };

static const struct rx_lib *rx;
static struct rx_set *set;
static uint8_t *memory;
static struct rx_vm *vm;

/* Behind the first tile of the library's block comes one tile, mapped over and over. */
static void lay_tiles(void)
{
    int fd = memfd_create("tile", MFD_CLOEXEC);
    uint8_t *from = memory + TILE - (uintptr_t)memory % TILE;
    uint8_t bytes[4096];

    assert_true(fd >= 0);
    for (unsigned i = 0; i < TILE / sizeof bytes; i++) {
        rand_bytes(bytes, sizeof bytes);
        assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    }
    for (uint8_t *at = from; at + TILE <= memory + RX_SET_BYTES; at += TILE)
        assert_ptr_equal(mmap(at, TILE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0), at);
    (void)close(fd);
}

static void assert_same(struct machine *m, uint8_t inputs[2][INPUT], uint8_t got[2][32])
{
    uint8_t want[32];

    for (unsigned i = 0; i < machine_count(m); i++) {
        rx->calculate_hash(vm, inputs[i], INPUT, want);
        assert_memory_equal(got[i], want, sizeof want);
    }
}

/* Rows of hashes: what each step gives belongs to the inputs before. */
static void agrees_with_the_library(unsigned count, bool secure, unsigned hashes)
{
    struct machine *m = machine_new(count, memory, true, secure);
    uint8_t inputs[2][INPUT], before[2][INPUT], got[2][32];
    const uint8_t *const list[2] = {inputs[0], inputs[1]};

    if (!m)
        skip();
    assert_int_equal(machine_count(m), count);
    rand_bytes(inputs, sizeof inputs);
    machine_begin(m, list, INPUT);
    for (unsigned i = 0; i < hashes; i++) {
        memcpy(before, inputs, sizeof before);
        rand_bytes(inputs, sizeof inputs);
        assert_true(machine_step(m, i + 1 < hashes ? list : NULL, INPUT, got));
        assert_same(m, before, got);
    }
    machine_begin(m, list, INPUT);
    assert_true(machine_step(m, NULL, 0, got));
    assert_same(m, inputs, got);
    assert_true(machine_agrees(m, rx, vm));
    machine_free(m);
}

static void one_machine_hashes_as_the_library(void **state)
{
    (void)state;
    agrees_with_the_library(1, false, HASHES);
}

static void two_machines_in_turns_hash_as_the_library(void **state)
{
    (void)state;
    agrees_with_the_library(2, false, HASHES);
}

static void pages_never_writable_and_executable_at_once_hash_the_same(void **state)
{
    (void)state;
    agrees_with_the_library(1, true, 3);
    agrees_with_the_library(2, true, 3);
}

/* A wrong item is noticed: machines read the dataset. */
static void another_dataset_gives_another_hash(void **state)
{
    struct machine *m = machine_new(1, memory + RX_ITEM_BYTES, false, false);

    (void)state;
    if (!m)
        skip();
    assert_false(machine_agrees(m, rx, vm));
    machine_free(m);
}

static void there_is_no_machine_without_the_aes_instructions(void **state)
{
    struct machine *m = machine_new(2, memory, false, false);

    (void)state;
    assert_true(!m == !(cpu_features() & CPU_AES));
    machine_free(m);
}

/* --- searches --------------------------------------------------------------------------------- */

static uint8_t blob[INPUT];
static const struct algo_key key = {.seed = "k", .seed_len = 1};

/* Counts hits over [first, first + count) in slices, all of which must be done whole. */
static unsigned hits_of(struct algo_ctx *ctx, algo_scan_fn *by, uint64_t first, unsigned count,
                        unsigned slice, uint64_t nonces[])
{
    unsigned found = 0;

    for (unsigned at = 0; at < count; at += slice) {
        struct u256 target = u256_max();
        target.w[3] >>= 1;
        struct scan scan = {.in = {blob, sizeof blob, 39, &key},
                            .first = first + at,
                            .count = count - at < slice ? count - at : slice,
                            .target = target};
        by(ctx, &scan);
        assert_int_equal(scan.done, scan.count);
        for (unsigned i = 0; i < scan.found; i++)
            nonces[found++] = scan.hit[i].nonce;
    }
    return found;
}

/* Rows go on from slice to slice, and begin anew where another search or input comes between. */
static void searches_find_what_the_library_finds(void **state)
{
    enum { COUNT = 14 };
    static struct rx_data data;
    static struct algo_ctx ctx;
    algo_scan_fn *const ours[] = {rx_scan_pair, rx_scan_single};
    uint64_t want[COUNT], got[COUNT];

    (void)state;
    data = (struct rx_data){.rx = rx, .flags = rx_flags(rx), .copies = {{.set = set}}};
    ctx = (struct algo_ctx){.data = &data, .key = &key, .copy = data.copies, .vms = {vm}};
    for (unsigned i = 0; i < 2 * 5; i++) {
        uint64_t first = i % 5 == 4 ? 0xffffffff - COUNT + 1 : rand_u32() / 2;
        rand_bytes(blob, sizeof blob);
        unsigned all = hits_of(&ctx, rx_scan_jit, first, COUNT, COUNT, want);
        assert_int_equal(hits_of(&ctx, ours[i % 2], first, COUNT, 1 + i % 5, got), all);
        assert_memory_equal(got, want, all * sizeof *got);
        assert_int_equal(hits_of(&ctx, ours[i % 2], first + 3, 1, 1, got),
                         hits_of(&ctx, rx_scan_jit, first + 3, 1, 1, want));
    }
    if (cpu_features() & CPU_AES && data.flags & RX_JIT) {
        assert_non_null(ctx.machines[0]);
        assert_non_null(ctx.machines[1]);
        assert_int_equal(data.vms, 3);
    }
    machine_free(ctx.machines[0]);
    machine_free(ctx.machines[1]);
}

static int set_up(void **state)
{
    (void)state;
    rx = rx_lib(NULL);
    assert_non_null(rx);
    set = rx->alloc_dataset(0);
    assert_non_null(set);
    memory = rx->get_dataset_memory(set);
    lay_tiles();
    vm = rx->create_vm(rx_flags(rx) | RX_FULL_MEM, NULL, set);
    assert_non_null(vm);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rx->destroy_vm(vm);
    rx->release_dataset(set);
    return fesetround(FE_TONEAREST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_machine_hashes_as_the_library),
        cmocka_unit_test(two_machines_in_turns_hash_as_the_library),
        cmocka_unit_test(pages_never_writable_and_executable_at_once_hash_the_same),
        cmocka_unit_test(searches_find_what_the_library_finds),
        cmocka_unit_test(another_dataset_gives_another_hash),
        cmocka_unit_test(there_is_no_machine_without_the_aes_instructions),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
