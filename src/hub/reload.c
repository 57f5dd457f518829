/* SPDX-License-Identifier: MIT */
/* SIGHUP and "reload": read, validate all, compare, apply what can be applied; an error leaves the
 * old configuration in force. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "hub/internal.h"

void hub_reload(struct hub *hub, struct command_reply *reply)
{
    struct config *fresh = NULL;
    struct fault why = {0};

    *reply = (struct command_reply){0};
    if (config_load(hub->request, &fresh, &why) < 0) {
        reply->err = ERR_CONFIG;
        (void)snprintf(reply->text, sizeof reply->text, "nothing was changed: %s%s%.*d%s%s",
                       why.file, *why.file ? ":" : "", why.line ? 1 : 0, why.line,
                       *why.file ? ": " : "", why.text);
        log_error(CONFIG, "%s", reply->text);
        return;
    }
    config_unref(fresh);
}
