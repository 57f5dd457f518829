/* SPDX-License-Identifier: MIT */
/* The contract of known answers: each case of the files of an algorithm's vectors is a line of
 * `otedama selftest`, and those that need no dataset are right with every implementation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "algo/known.h"
#include "cli/selftest_numbers.h"

enum { LINES_MAX = 1024, NAME_MAX_LEN = 96 };

struct lines {
    const char *file; /* that is being gone through */
    size_t count;
    unsigned wrong;
    struct {
        const char *file;
        char name[NAME_MAX_LEN]; /* without the algorithm */
    } line[LINES_MAX];
};

static struct lines *lines;

static void take(void *arg, const char *name, enum known_outcome outcome, const char *detail)
{
    (void)arg;
    assert_true(lines->count < LINES_MAX);
    (void)snprintf(lines->line[lines->count].name, NAME_MAX_LEN, "%s", strchr(name, ' ') + 1);
    lines->line[lines->count++].file = lines->file;
    if (outcome == KNOWN_WRONG) {
        print_error("%s: %s\n", name, detail);
        lines->wrong++;
    }
}

static void collect(const struct known_table *tables)
{
    for (const struct known_table *t = tables; t->file; t++) {
        lines->file = t->file;
        (void)known_check(t, false, take, NULL);
    }
}

static void assert_line(const char *file, const char *name)
{
    for (size_t i = 0; i < lines->count; i++)
        if (!strcmp(lines->line[i].name, name) && !strcmp(lines->line[i].file, file))
            return;
    fail_msg("%s: no line for the case \"%s\"", file, name);
}

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/* A case is an element of a list, a member named by a number, or the whole set. */
static void assert_cases(const char *file, const char *set, json_t *cases)
{
    char name[NAME_MAX_LEN];
    const char *member;
    bool whole = true;
    json_t *one;
    size_t i;

    json_array_foreach(cases, i, one)
    {
        (void)snprintf(name, sizeof name, "%s %zu", set, i);
        assert_line(file, name);
        whole = false;
    }
    json_object_foreach(cases, member, one)
    {
        static const char *const nested[] = {"items", "words"};
        (void)snprintf(name, sizeof name, "%s %s", set, member);
        if (is_number(member))
            assert_line(file, name);
        for (i = 0; i < sizeof nested / sizeof *nested; i++)
            if (!strcmp(member, nested[i]))
                assert_cases(file, set, one);
        whole = whole && !is_number(member) && !json_is_object(one) && strcmp(member, "items") != 0;
    }
    if (whole)
        assert_line(file, set);
}

static void every_case_of_the_files_has_a_line(void **state)
{
    (void)state;
    for (const struct known_table *t = known_tables; t->file; t++) {
        json_t *file = json_load_file(t->file, 0, NULL), *cases;
        const char *set;
        assert_non_null(file);
        json_object_foreach(file, set, cases) assert_cases(t->file, set, cases);
        json_decref(file);
    }
}

static void cases_without_datasets_are_right(void **state)
{
    (void)state;
    assert_int_equal(lines->wrong, 0);
}

/* A wrong answer is found: else all of this would be worth nothing. */
static bool is_never(struct known *k)
{
    return known_equal(k, k->row, "N", 1025);
}

static void a_wrong_answer_is_told_with_what_differs(void **state)
{
    const struct known_set sets[] = {
        {.algo = algo_find("scrypt"), .name = "parameters", .check = is_never, .whole = true}, {0}};
    const struct known_table table = {"tests/vectors/scrypt.json", sets};

    (void)state;
    lines->file = table.file;
    assert_int_equal(known_check(&table, false, take, NULL), 1);
}

static int make(void **state)
{
    (void)state;
    lines = calloc(1, sizeof *lines);
    if (!lines)
        return -1;
    collect(known_tables);
    collect(selftest_numbers);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free(lines);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_files_has_a_line),
        cmocka_unit_test(cases_without_datasets_are_right),
        cmocka_unit_test(a_wrong_answer_is_told_with_what_differs),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
