/* SPDX-License-Identifier: MIT */
/* `otedama api get PATH`: prints what the running program's API answers. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/client.h"

int cli_api(int argc, char **argv, struct fault *why)
{
    struct client_options options;
    AUTO_STR struct str url = {0};
    AUTO_STR struct str answer = {0};
    int words = client_words(argc, argv, &options, NULL, why), code, status;

    if (words != 1) {
        if (words >= 0)
            (void)fault_set(why, ERR_FIELD, "say which: otedama api get /api/status");
        return EXIT_BAD_USAGE;
    }
    if ((code = client_url(&options, CLIENT_API, &url, why)) != EXIT_OK)
        return code;
    status = client_ask(str_text(&url), argv[1], NULL, &answer, why);
    if (status < 0)
        return -status;
    fputs(str_text(&answer), stdout);
    if (answer.len && answer.s[answer.len - 1] != '\n')
        putchar('\n');
    return status < 400 ? EXIT_OK : status == 404 ? EXIT_NOT_FOUND : EXIT_RUNTIME;
}
