/* SPDX-License-Identifier: MIT */
/* Every route answers, in both prefixes, in the documented shape, and refuses the wrong method. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "../unit/api/canned.h"
#include "api/describe.h"
#include "api/routes.h"
#include "base/str.h"
#include "hub/command.h"

static struct snapshot canned;
static struct device_view devices[2];

static const struct {
    const char *path, *body;
} bodies[] = {
    {"/api/pool/mode", "{\"enabled\":true}"},
    {"/api/mining/algorithm", "{\"algorithm\":\"scrypt\",\"device\":\"cpu0\"}"},
    {"/api/algorithms/switch", "{\"algorithm\":\"scrypt\",\"device\":\"cpu0\"}"},
    {"/api/pools/strategy", "{\"strategy\":\"rotate\",\"minutes\":5}"},
    {"/api/pools/drill", "{\"seconds\":10}"},
    {"/api/pools/{id}/quota", "{\"quota\":3}"},
    {"/api/pool/bans", "{\"address\":\"203.0.113.0/24\",\"time\":\"2h\"}"},
};

static struct request request_for(const struct route *route)
{
    static char path[128];
    const char *brace = strchr(route->path, '{');
    struct request request = {.method = route->method,
                              .path = route->path,
                              .snapshot = &canned,
                              .now_us = now_us(),
                              .now_ms = wall_ms()};

    for (unsigned l = LISTENERS; l-- > 0;)
        if (route->listeners & 1u << l)
            request.listener = l;
    if (brace) {
        snprintf(path, sizeof path, "%.*s%s%s", (int)(brace - route->path), route->path,
                 strncmp(route->path, "/api/pools", 10) == 0 ? "1"
                 : strstr(brace, "address")                  ? "203.0.113.0/24"
                                                             : "cpu0",
                 strchr(brace, '}') + 1);
        request.path = path;
    }
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        if (route->method == METHOD_POST && strcmp(route->path, bodies[i].path) == 0) {
            request.body = bodies[i].body;
            request.body_len = strlen(request.body);
        }
    return request;
}

static void answer(struct request *request, struct reply *reply)
{
    static const struct command_reply done = {.text = "done"};

    api_answer(request, reply);
    if (*reply->command)
        reply_command_done(reply, request->now_ms, &done);
}

/* The name that its fields are documented under: with the method where it is not the first of its
 * path. */
static const char *name_of(const struct route *route)
{
    static char name[160];

    for (const struct route *r = api_routes; r < route; r++)
        if (strcmp(r->path, route->path) == 0) {
            snprintf(name, sizeof name, "%s %s", method_name(route->method), route->path);
            return name;
        }
    return route->path;
}

static const struct route *route_named(const char *name)
{
    for (const struct route *r = api_routes; r->path; r++)
        if (strcmp(name_of(r), name) == 0)
            return r;
    return NULL;
}

static bool answers_to(const char *path, enum http_method method)
{
    for (const struct route *r = api_routes; r->path; r++)
        if (r->method == method && strcmp(r->path, path) == 0)
            return true;
    return false;
}

static void every_route_answers_200(void **state)
{
    (void)state;
    for (const struct route *r = api_routes; r->path; r++) {
        struct request request = request_for(r);
        struct reply reply;
        answer(&request, &reply);
        if (reply.status != 200)
            fail_msg("%s: %d %s", r->path, reply.status, reply.body);
        assert_non_null(reply.body);
        assert_string_equal(reply.route, r->path);
        reply_fini(&reply);
    }
}

static void versioned_prefix_answers_the_same(void **state)
{
    (void)state;
    for (const struct route *r = api_routes; r->path; r++) {
        struct request request = request_for(r);
        struct reply reply;
        char path[160];
        if (strncmp(r->path, "/api/", 5) != 0)
            continue;
        snprintf(path, sizeof path, "/api/v1/%s", request.path + 5);
        request.path = path;
        answer(&request, &reply);
        assert_int_equal(reply.status, 200);
        reply_fini(&reply);
    }
}

static void wrong_method_is_405_with_allow(void **state)
{
    (void)state;
    for (const struct route *r = api_routes; r->path; r++)
        for (enum http_method m = METHOD_GET; m <= METHOD_OTHER; m++) {
            struct request request = request_for(r);
            struct reply reply;
            if (answers_to(r->path, m))
                continue;
            request.method = m;
            answer(&request, &reply);
            assert_int_equal(reply.status, 405);
            assert_non_null(reply.allow);
            reply_fini(&reply);
        }
}

static void unknown_path_is_404_in_the_envelope(void **state)
{
    static const char *const paths[] = {"/",
                                        "/api",
                                        "/api/",
                                        "/api/v1/",
                                        "/api/statuses",
                                        "/api/devices/cpu0/x",
                                        "/api/devices/",
                                        "/metrics"};

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct request request = {.path = paths[i], .snapshot = &canned, .now_ms = wall_ms()};
        struct reply reply;
        json_t *body, *code;
        api_answer(&request, &reply);
        assert_int_equal(reply.status, 404);
        body = json_loads(reply.body, 0, NULL);
        code = json_object_get(json_object_get(body, "error"), "code");
        assert_string_equal(json_string_value(code), "NOT_FOUND");
        json_decref(body);
        reply_fini(&reply);
    }
}

static void before_the_first_snapshot_it_is_503(void **state)
{
    (void)state;
    for (const struct route *r = api_routes; r->path; r++) {
        struct request request = request_for(r);
        struct reply reply;
        request.snapshot = NULL;
        answer(&request, &reply);
        if (r->handle != route_live)
            assert_int_equal(reply.status, 503);
        reply_fini(&reply);
    }
}

/* --- documented fields ---------------------------------------------------------------------------
 */

static const struct field *field_of(const char *route, const char *path)
{
    char any[160];
    const char *dot = strrchr(path, '.');

    snprintf(any, sizeof any, "%.*s.*", dot ? (int)(dot - path) : 0, path);
    for (const struct field *f = api_fields; f->route; f++)
        if (strcmp(f->route, route) == 0 &&
            (strcmp(f->path, path) == 0 || strcmp(f->path, any) == 0))
            return f;
    return NULL;
}

static bool type_fits(const struct field *f, const json_t *value)
{
    static const struct {
        const char *word;
        json_type type;
    } types[] = {{"object", JSON_OBJECT},
                 {"array", JSON_ARRAY},
                 {"string", JSON_STRING},
                 {"integer", JSON_INTEGER}};

    if (json_is_null(value))
        return f->nullable;
    if (strcmp(f->type, "boolean") == 0)
        return json_is_boolean(value);
    if (strcmp(f->type, "number") == 0)
        return json_is_number(value);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].word, f->type) == 0)
            return json_typeof(value) == types[i].type;
    return false;
}

static bool seen[1024]; /* by row of api_fields */

static void check_value(const char *route, const char *path, json_t *value);

static void check_members(const char *route, const char *path, json_t *value)
{
    char below[200];
    const char *key;
    json_t *member;
    size_t i;

    json_object_foreach(value, key, member)
    {
        snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", key);
        check_value(route, below, member);
    }
    json_array_foreach(value, i, member)
    {
        snprintf(below, sizeof below, "%s[]", path);
        if (json_is_object(member))
            check_members(route, below, member);
        else
            check_value(route, below, member);
    }
}

static void check_value(const char *route, const char *path, json_t *value)
{
    const struct field *f = field_of(route, path);

    if (!f)
        fail_msg("%s has a field that is not documented: %s", route, path);
    if (!type_fits(f, value))
        fail_msg("%s: %s is not a %s", route, path, f->type);
    seen[f - api_fields] = true;
    check_members(route, path, value);
}

static void answers_have_exactly_the_documented_fields(void **state)
{
    (void)state;
    memset(seen, 0, sizeof seen);
    for (const struct route *r = api_routes; r->path; r++) {
        struct request request = request_for(r);
        struct reply reply;
        json_t *body, *data;
        answer(&request, &reply);
        body = strcmp(reply.content_type, "application/json") == 0
                   ? json_loads(reply.body, JSON_REJECT_DUPLICATES, NULL)
                   : NULL;
        data = json_object_get(body, "data");
        if (data) {
            assert_true(json_is_true(json_object_get(body, "success")));
            assert_true(json_is_string(json_object_get(body, "time")));
            assert_int_equal(json_object_size(body), 3);
        }
        if (body)
            check_members(name_of(r), "", data ? data : body);
        json_decref(body);
        reply_fini(&reply);
    }
    for (const struct field *f = api_fields; f->route; f++)
        if (!seen[f - api_fields])
            fail_msg("%s does not have the documented field %s", f->route, f->path);
}

static void every_field_belongs_to_a_route_and_has_help(void **state)
{
    (void)state;
    for (const struct field *f = api_fields; f->route; f++) {
        assert_non_null(route_named(f->route));
        assert_true(strlen(f->help) > 1);
        assert_int_not_equal(f->help[strlen(f->help) - 1], '.');
    }
}

static void manual_lists_every_route_and_field(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    api_print_routes(out);
    api_print_fields(out);
    fclose(out);
    for (const struct route *r = api_routes; r->path; r++)
        assert_non_null(strstr(text, r->path));
    for (const struct field *f = api_fields; f->route; f++)
        assert_non_null(strstr(text, f->path));
    free(text);
}

static int setup(void **state)
{
    (void)state;
    canned_snapshot(&canned, devices);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_answers_200),
        cmocka_unit_test(versioned_prefix_answers_the_same),
        cmocka_unit_test(wrong_method_is_405_with_allow),
        cmocka_unit_test(unknown_path_is_404_in_the_envelope),
        cmocka_unit_test(before_the_first_snapshot_it_is_503),
        cmocka_unit_test(answers_have_exactly_the_documented_fields),
        cmocka_unit_test(every_field_belongs_to_a_route_and_has_help),
        cmocka_unit_test(manual_lists_every_route_and_field),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
