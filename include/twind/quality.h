/* What a reading is worth. Stored in the history by number: only ever add at the end. */
#ifndef TWIND_QUALITY_H
#define TWIND_QUALITY_H

enum quality {
    QUALITY_GOOD,
    QUALITY_OUT_OF_RANGE, /* outside the binding's or the signal's range, or no number */
    QUALITY_STALE,        /* retained by the broker for who knows how long */
    QUALITY_STUCK,        /* has not changed for longer than the sensor may stand still */
    QUALITY_REJECTED,     /* too far from what the twin knows to be believed */
    QUALITY_LATE,         /* older than what came before: kept, does not move the twin */
    QUALITY_COUNT
};

/* "good", "out_of_range", .. */
const char *quality_name(enum quality quality);

#endif
