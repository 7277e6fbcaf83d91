#include "twind/quality.h"

const char *quality_name(enum quality quality)
{
    static const char *const names[QUALITY_COUNT] = {
        [QUALITY_GOOD] = "good",         [QUALITY_OUT_OF_RANGE] = "out_of_range",
        [QUALITY_STALE] = "stale",       [QUALITY_STUCK] = "stuck",
        [QUALITY_REJECTED] = "rejected", [QUALITY_LATE] = "late",
    };
    return names[quality];
}
