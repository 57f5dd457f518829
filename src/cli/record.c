/* SPDX-License-Identifier: MIT */
/* `otedama record`: a recording proxy between miners and a pool. */
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "transcript/recorder.h"

enum { DEFAULT_MIB = 64, MAX_MIB = 1024 * 1024 };

struct record_words {
    const char *listen, *to, *file, *proxy, *fingerprint, *authorities, *algorithm, *note;
    unsigned mib, connections;
    bool insecure;
};

static int read_words(int argc, char **argv, struct record_words *w, struct fault *why)
{
    const struct cli_option rows[] = {{"--listen", CLI_TEXT, &w->listen},
                                      {"--to", CLI_TEXT, &w->to},
                                      {"-o", CLI_TEXT, &w->file},
                                      {"--output", CLI_TEXT, &w->file},
                                      {"--proxy", CLI_TEXT, &w->proxy},
                                      {"--tls-fingerprint", CLI_TEXT, &w->fingerprint},
                                      {"--tls-authorities", CLI_TEXT, &w->authorities},
                                      {"--tls-insecure", CLI_FLAG, &w->insecure},
                                      {"--algorithm", CLI_TEXT, &w->algorithm},
                                      {"--note", CLI_TEXT, &w->note},
                                      {"--max-size", CLI_UINT, &w->mib},
                                      {"--connections", CLI_UINT, &w->connections},
                                      {0}};
    int words = cli_options(argc, argv, rows, why);

    if (words < 0)
        return words;
    if (words || !w->to || !w->file)
        return fault_set(
            why, ERR_FIELD,
            "use: otedama record --to URL -o FILE [--listen HOST:PORT]; see otedama(1)");
    if (!w->mib || w->mib > MAX_MIB)
        return fault_set(why, ERR_FIELD, "--max-size takes 1 to %d MiB", MAX_MIB);
    if (w->insecure && (w->fingerprint || w->authorities))
        return fault_set(why, ERR_FIELD, "--tls-insecure checks nothing: leave out the others");
    return 0;
}

static int make_tls(const struct record_words *w, struct tls_context **ret, struct fault *why)
{
    struct tls_client_options options = {.trust = w->insecure ? TLS_INSECURE : TLS_VERIFY,
                                         .authorities = w->authorities};

    if (w->fingerprint) {
        options.trust = TLS_PIN;
        if (!tls_fingerprint_parse(w->fingerprint, options.fingerprint))
            return fault_set(why, ERR_FIELD, "--tls-fingerprint takes 64 hexadecimal digits");
    }
    return tls_client_context(&options, ret, why);
}

static void say_listening(void *arg, const char *address)
{
    const struct record_words *w = arg;

    printf("listening on %s, recording into %s; Ctrl-C ends it\n", address, w->file);
    (void)fflush(stdout);
}

static void say_result(const struct record_words *w, const struct recorder_result *r,
                       const struct transcript_writer *out)
{
    printf("%u connections, %u messages in %s", r->connections, r->messages, w->file);
    if (r->left_out)
        printf("; %u lines left out", r->left_out);
    if (out->full)
        printf("; it reached its limit of %u MiB", w->mib);
    (void)puts("");
}

static int record(const struct record_words *w, struct recorder_options *options, struct fault *why)
{
    struct transcript_writer out;
    struct recorder_result result;
    int err = transcript_create(w->file, (uint64_t)w->mib << 20, &out, why);

    if (err < 0)
        return EXIT_CANNOT_WRITE;
    if (w->algorithm)
        transcript_put_key(&out, "algorithm", w->algorithm);
    if (w->note)
        transcript_put_key(&out, "note", w->note);
    err = recorder_run(options, &out, &result, why);
    transcript_finish(&out);
    if (err < 0) {
        (void)unlink(w->file); /* nothing is in it */
        return EXIT_RUNTIME;
    }
    say_result(w, &result, &out);
    if (out.err < 0) {
        (void)fault_set(why, out.err, "cannot write %.200s: %s", w->file, err_str(out.err));
        return EXIT_CANNOT_WRITE;
    }
    return EXIT_OK;
}

int cli_record(int argc, char **argv, struct fault *why)
{
    struct record_words w = {.listen = "127.0.0.1:3333", .mib = DEFAULT_MIB};
    struct recorder_options options = {.listening = say_listening, .arg = &w};

    if (read_words(argc, argv, &w, why) < 0 ||
        stratum_url_parse(w.to, NULL, &options.to, why) < 0 ||
        proxy_parse(w.proxy ? w.proxy : "", &options.proxy, why) < 0)
        return EXIT_BAD_USAGE;
    options.listen = w.listen;
    options.connections = w.connections;
    if (options.to.tls && make_tls(&w, &options.tls, why) < 0)
        return EXIT_BAD_USAGE;
    int code = record(&w, &options, why);
    tls_context_unref(options.tls);
    return code;
}
