/* SPDX-License-Identifier: MIT */
/* The program's entry: the command table does the rest. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_run(argc, argv);
}
