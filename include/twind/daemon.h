/* The daemon: one libuv loop that connects all the parts. Wiring only. */
#ifndef TWIND_DAEMON_H
#define TWIND_DAEMON_H

#include "twind/config.h"

/* Runs until SIGTERM or SIGINT; `file` is read again at SIGHUP. Takes over `config`.
 * The process ends here: 0 stopped, 3 a resource failed at the start. */
int daemon_run(const char *file, struct config *config);

#endif
