/* systemd's notification protocol (sd_notify), without libsystemd. */
#ifndef TWIND_NOTIFY_H
#define TWIND_NOTIFY_H

/* Sends "READY=1", "STATUS=..", "WATCHDOG=1".. to $NOTIFY_SOCKET; nothing where there is
 * none. */
void notify_send(const char *state);

/* Seconds between watchdog messages that systemd expects at most (half of WatchdogSec);
 * 0: it does not watch. */
double notify_watchdog(void);

#endif
