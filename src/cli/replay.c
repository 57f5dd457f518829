/* SPDX-License-Identifier: MIT */
/* `otedama replay`: one end of a transcript against the real other end. */
#include "transcript/replay.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

struct replay_words {
    const char *as, *listen, *to, *user, *password;
    double speed, wait_s;
    bool fast, no_shares, quiet;
};

static int use(struct fault *why)
{
    return fault_set(why, ERR_FIELD,
                     "use: otedama replay FILE --as pool [--listen HOST:PORT], or --as miner --to "
                     "HOST:PORT; see otedama(1)");
}

static int read_words(int argc, char **argv, struct replay_words *w, struct fault *why)
{
    const struct cli_option rows[] = {{"--as", CLI_TEXT, &w->as},
                                      {"--listen", CLI_TEXT, &w->listen},
                                      {"--to", CLI_TEXT, &w->to},
                                      {"--user", CLI_TEXT, &w->user},
                                      {"--pass", CLI_TEXT, &w->password},
                                      {"--speed", CLI_REAL, &w->speed},
                                      {"--wait", CLI_REAL, &w->wait_s},
                                      {"--fast", CLI_FLAG, &w->fast},
                                      {"--no-shares", CLI_FLAG, &w->no_shares},
                                      {"--quiet", CLI_FLAG, &w->quiet},
                                      {0}};
    int words = cli_options(argc, argv, rows, why);

    if (words < 0)
        return words;
    if (words != 1 || !w->as)
        return use(why);
    bool miner = !strcmp(w->as, "miner");
    if ((!miner && strcmp(w->as, "pool") != 0) || miner != (w->to != NULL) || (miner && w->listen))
        return use(why);
    if (!(w->speed > 0) || !(w->wait_s > 0) || w->wait_s > 86400)
        return fault_set(why, ERR_FIELD,
                         "--speed is more than 0, --wait more than 0 and at most 86400 seconds");
    return 0;
}

static void say_listening(void *arg, const char *address)
{
    (void)arg;
    printf("listening on %s\n", address);
    (void)fflush(stdout);
}

static int play(const char *file, const struct replay_words *w,
                const struct replay_options *options, struct fault *why)
{
    struct transcript t;
    struct report report = {.out = stdout, .quiet = w->quiet};

    if (transcript_read(file, &t, why) < 0)
        return EXIT_BAD_USAGE;
    int err = *w->as == 'm' ? replay_as_miner(&t, options, &report, why)
                            : replay_as_pool(&t, options, &report, why);
    transcript_free(&t);
    if (err < 0)
        return EXIT_RUNTIME;
    printf("%u messages as recorded, %u differences, %u notes\n", report.matched,
           report.differences, report.notes);
    return report.differences ? EXIT_RUNTIME : EXIT_OK;
}

int cli_replay(int argc, char **argv, struct fault *why)
{
    struct replay_words w = {.speed = 1, .wait_s = 30};
    struct replay_options options = {.listening = say_listening};

    if (read_words(argc, argv, &w, why) < 0 ||
        (w.to && endpoint_parse(w.to, 0, false, &options.to, why) < 0))
        return EXIT_BAD_USAGE;
    options.listen = w.listen ? w.listen : "127.0.0.1:0";
    options.user = w.user;
    options.password = w.password;
    options.speed = w.fast ? 0 : w.speed;
    options.wait_s = w.wait_s;
    options.no_shares = w.no_shares;
    return play(argv[1], &w, &options, why);
}
