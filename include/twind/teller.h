/* What twind tells the world over MQTT: the states of its twins (as they change, but not
 * more often than anybody reads), what they will be, every transition of an alert at once,
 * and how the daemon itself is. One thread, the loop's. */
#ifndef TWIND_TELLER_H
#define TWIND_TELLER_H

#include "twind/mqtt.h"
#include "twind/recorder.h"
#include "twind/text.h"

struct teller;

struct teller_options {
    const char *prefix;  /* of topics; copied */
    double interval;     /* s between states of one twin, at least */
    double rate;         /* states a second of all twins, at most */
    unsigned generation; /* counts reloads: a delivery of a former teller's is not taken */
};

struct teller *teller_new(const struct teller_options *options, struct engine *engine,
                          struct recorder *recorder, struct mqtt *mqtt);
void teller_free(struct teller *teller);

/* The twin's state is to be published when its turn comes. */
void teller_changed(struct teller *teller, const struct twin *twin);

/* A forecast, retained; one that waits gives way to the next. */
void teller_forecast(struct teller *teller, const struct twin *twin,
                     const struct forecast *forecast);

/* How the twin's parts wear, retained; what waits gives way to it. */
void teller_health(struct teller *teller, const struct twin *twin, double time);

/* A transition: on the twin's alert topic (retained) and in the stream, unless it was told
 * before a restart. */
void teller_alert(struct teller *teller, const struct engine_alert *alert);

/* A flood, in the stream PREFIX/flood. */
void teller_flood(struct teller *teller, const struct flood_summary *flood);

/* Transitions that the history holds and that did not reach the broker before a crash. */
void teller_catch_up(struct teller *teller, struct history *history);

/* The broker is there (again): every state and every alert that is not normal is told. */
void teller_connected(struct teller *teller);

/* Publishes states whose turn it is. `clock`: monotonic s, `now`: the twins' time. */
void teller_tick(struct teller *teller, double clock, double now);

/* A message published with a tag has reached the broker. */
void teller_delivered(struct teller *teller, uint64_t tag);

/* Clears what is retained of twins and rules that a reload took away. */
void teller_retract(struct teller *teller, const struct engine *former);

/* Anything under the prefix; `json` is terminated. */
void teller_publish(struct teller *teller, const char *topic, const char *json,
                    bool retain);

#endif
