/* Judging a reading before the twin sees it: is it new, in time, possible, alive? */
#ifndef TWIND_SENSOR_H
#define TWIND_SENSOR_H

#include "twind/engine.h"

/* What twin_sensor.counter says of a meter. */
enum sensor_counter {
    SENSOR_COUNTING,
    SENSOR_RESET,   /* just fell to near zero: undone if the old level comes back */
    SENSOR_DOUBTED, /* one jump was not believed; a second one will be */
};

struct sensor_verdict {
    bool stored; /* goes to the history with `quality` */
    bool used;   /* is a measurement for the twin */
    bool seen;   /* the sensor's own record moved: it lives */
    bool held;   /* a retained input: its value holds, but says nothing of freshness */
    enum quality quality;
    double value; /* of a counter: continuous through resets */
};

/* Judges and keeps the sensor's record (time, value, changed, raw, quality). `now`: the
 * engine's clock. Counts what is not used in `stats`. */
struct sensor_verdict sensor_judge(struct twin *twin, const struct engine_reading *reading,
                                   double now, struct engine_stats *stats);

#endif
