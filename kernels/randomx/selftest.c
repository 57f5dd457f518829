/* SPDX-License-Identifier: MIT */
/* What can be told of RandomX in milliseconds: a cache takes half a second. */
#include "kernels/randomx/selftest.h"

#include <fenv.h>
#include <stdio.h>
#include <string.h>

#include "base/rand.h"
#include "kernels/randomx/data.h"
#include "kernels/randomx/machine.h"
#include "kernels/randomx/vm.h"

static bool compares(void)
{
    for (unsigned i = 0; i < 64; i++) {
        uint8_t hash[32], near[32];
        rand_bytes(hash, sizeof hash);
        memcpy(near, hash, sizeof near);
        near[i % 32] ^= 1;
        struct u256 value = u256_from_le(hash), target = u256_from_le(near);
        if (!rx_meets(hash, &value) || rx_meets(hash, &target) != (u256_cmp(&value, &target) <= 0))
            return false;
    }
    return true;
}

/* Machines of `count` hashes against the library's on a dataset that was never made: its items are
 * zero, and read as such without memory behind them. */
static bool code_agrees(const struct rx_lib *rx, struct rx_set *set, struct rx_vm *vm,
                        unsigned count)
{
    struct machine *m =
        machine_new(count, rx->get_dataset_memory(set), true, rx_flags(rx) & RX_SECURE);
    bool agrees = !m || machine_agrees(m, rx, vm); /* none: nothing that could be wrong */

    machine_free(m);
    return agrees;
}

static unsigned check_code(const struct rx_lib *rx, algo_report_fn *report, void *arg)
{
    static const char *const names[] = {"randomx single code", "randomx pair code"};
    int flags = rx_flags(rx);
    struct rx_set *set = flags & RX_JIT ? rx->alloc_dataset(0) : NULL;
    struct rx_vm *vm = set ? rx->create_vm(flags | RX_FULL_MEM, NULL, set) : NULL;
    unsigned failures = 0;
    fenv_t before;

    (void)fegetenv(&before);
    for (unsigned i = 0; vm && i < sizeof names / sizeof *names; i++) {
        bool ok = code_agrees(rx, set, vm, i + 1);
        report(arg, names[i], ok, ok ? NULL : "hashes differ from librandomx's");
        failures += !ok;
    }
    (void)fesetenv(&before);
    if (vm)
        rx->destroy_vm(vm);
    if (set)
        rx->release_dataset(set);
    return failures;
}

unsigned rx_selftest(unsigned rounds, algo_report_fn *report, void *arg)
{
    struct fault why = {0};
    const struct rx_lib *rx = rx_lib(&why);
    bool sized = rx && rx->dataset_item_count() == RX_ITEMS, exact = compares();

    (void)rounds;
    report(arg, "randomx library", rx != NULL, rx ? NULL : why.text);
    if (rx)
        report(arg, "randomx dataset size", sized,
               sized ? NULL : "the library was built for another dataset than Monero's");
    report(arg, "randomx compare", exact, exact ? NULL : "targets are compared wrongly");
    return !rx + (rx && !sized) + !exact + (sized ? check_code(rx, report, arg) : 0);
}
