/* SPDX-License-Identifier: MIT */
/* The HTTP client of the subcommands (libcurl). */
#include "cli/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "cli/cli.h"
#include "config/config.h"

enum { ANSWER_MAX_BYTES = 32 * 1024 * 1024, CONNECT_MS = 2000, ANSWER_MS = 10000 };

int client_words(int argc, char **argv, struct client_options *ret, bool *json, struct fault *why)
{
    const struct cli_option rows[] = {{"--config", CLI_TEXT, &ret->config},
                                      {"--api", CLI_TEXT, &ret->api},
                                      {json ? "--json" : NULL, CLI_FLAG, json},
                                      {0}};

    *ret = (struct client_options){0};
    return cli_options(argc, argv, rows, why);
}

void client_print(json_t *data, bool json, void (*print)(const json_t *data))
{
    const char *message = json_string_value(json_object_get(data, "message"));

    if (json) {
        (void)json_dumpf(data, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        puts("");
    } else if (message) {
        puts(message);
    } else {
        print(data);
    }
    json_decref(data);
}

/* "0.0.0.0:8080" is where it listens; asking goes to this machine. */
static void url_of_address(const char *address, struct str *ret)
{
    static const struct {
        const char *any, *here;
    } rows[] = {{"0.0.0.0:", "127.0.0.1:"}, {"[::]:", "[::1]:"}, {":", "127.0.0.1:"}};

    str_add(ret, "http://");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strncmp(address, rows[i].any, strlen(rows[i].any)) == 0) {
            str_addf(ret, "%s%s", rows[i].here, address + strlen(rows[i].any));
            return;
        }
    str_add(ret, address);
}

int client_url(const struct client_options *options, enum client_place place, struct str *ret,
               struct fault *why)
{
    struct config_request request = {.file = options->config};
    struct config *config;
    bool enabled;

    if (options->api) {
        str_addf(ret, "%s%s", strstr(options->api, "://") ? "" : "http://", options->api);
        while (ret->len && ret->s[ret->len - 1] == '/')
            ret->s[--ret->len] = '\0';
        return EXIT_OK;
    }
    if (config_load(&request, &config, why) < 0)
        return EXIT_BAD_CONFIG;
    enabled = place == CLIENT_HEALTH ? config->monitoring.health.enabled : config->api.enable;
    if (enabled)
        url_of_address(
            place == CLIENT_HEALTH ? config->monitoring.health.address : config->api.address, ret);
    config_unref(config);
    if (enabled)
        return EXIT_OK;
    (void)fault_set(why, ERR_CONFIG,
                    "%s is false in the configuration, so nothing answers; set it "
                    "to true, or give --api URL",
                    place == CLIENT_HEALTH ? "monitoring.health.enabled" : "api.enable");
    return EXIT_NO_DAEMON;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *arg)
{
    struct str *answer = arg;

    if (answer->len + size * count > ANSWER_MAX_BYTES)
        return 0; /* libcurl gives up */
    str_add_n(answer, bytes, size * count);
    return size * count;
}

static CURL *prepare(const char *url, const char *method, const char *body,
                     const struct curl_slist *headers, struct str *ret)
{
    CURL *curl = curl_easy_init();

    if (!curl)
        return NULL;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* this machine's own program */
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)ANSWER_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "otedama/" OTEDAMA_VERSION);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (method)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    return curl;
}

/* `method` NULL: GET, or POST with a body. */
static int ask(const char *url, const char *path, const char *method, const char *body,
               struct str *ret, struct fault *why)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    AUTO_STR struct str whole = {0};
    CURLcode err = CURLE_FAILED_INIT;
    long status = 0;
    CURL *curl;

    if (body)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    str_addf(&whole, "%s%s%s", url, *path == '/' ? "" : "/", path);
    curl = prepare(str_text(&whole), method, body, headers, ret);
    if (curl)
        err = curl_easy_perform(curl);
    if (err == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    if (err == CURLE_OK)
        return (int)status;
    (void)fault_set(why, ERR_CLOSED,
                    "no answer at %s (%s); is the program running? `otedama serve` starts it, "
                    "--api URL asks another place",
                    url, curl_easy_strerror(err));
    return -EXIT_NO_DAEMON;
}

int client_ask(const char *url, const char *path, const char *body, struct str *ret,
               struct fault *why)
{
    return ask(url, path, NULL, body, ret, why);
}

/* What a refusal says, or its number. */
static int refused(int status, const json_t *envelope, struct fault *why)
{
    const json_t *error = json_object_get(envelope, "error");
    const char *text = json_string_value(json_object_get(error, "message"));

    if (text)
        (void)fault_set(why, ERR_REJECTED, "%s", text);
    else
        (void)fault_set(why, ERR_PROTOCOL,
                        "the answer (HTTP %d) is not of this API; is --api or api.address the port "
                        "of another program?",
                        status);
    return status == 404 ? EXIT_NOT_FOUND : EXIT_RUNTIME;
}

static int unpack(const struct client_options *options, const char *path, const char *method,
                  const char *body, json_t **ret, struct fault *why)
{
    AUTO_STR struct str url = {0};
    AUTO_STR struct str answer = {0};
    json_t *envelope, *data;
    int status, code = client_url(options, CLIENT_API, &url, why);

    if (code != EXIT_OK)
        return code;
    status = ask(str_text(&url), path, method, body, &answer, why);
    if (status < 0)
        return -status;
    envelope = json_loads(str_text(&answer), JSON_REJECT_DUPLICATES, NULL);
    data = json_object_get(envelope, "data");
    if (status == 200 && data) {
        *ret = json_incref(data);
        code = EXIT_OK;
    } else {
        code = refused(status, envelope, why);
    }
    json_decref(envelope);
    return code;
}

int client_data(const struct client_options *options, const char *path, const char *body,
                json_t **ret, struct fault *why)
{
    return unpack(options, path, NULL, body, ret, why);
}

int client_delete(const struct client_options *options, const char *path, json_t **ret,
                  struct fault *why)
{
    return unpack(options, path, "DELETE", NULL, ret, why);
}
