/* From a message's payload to samples of one signal, by a mapping that the configuration
 * compiled once. Every format of the trade decodes by configuration alone: a scalar, JSON
 * (by pointer, by name/value list, over a list of records), CSV, SenML. */
#ifndef TWIND_PAYLOAD_H
#define TWIND_PAYLOAD_H

#include "twind/err.h"
#include "twind/units.h"

#include <stddef.h>

struct json;
struct json_pointer;

enum payload_format {
    PAYLOAD_AUTO, /* JSON where a path, find, when or time is given, or where it parses */
    PAYLOAD_NUMBER,
    PAYLOAD_JSON,
    PAYLOAD_CSV,
    PAYLOAD_SENML,
};

/* One condition of `when`: the value at the path equals this (a number, text or boolean). */
struct payload_when {
    struct json_pointer *path;
    char *equals; /* as text; numbers are compared as numbers */
};

struct payload_mapping {
    enum payload_format format;
    struct json_pointer *path; /* NULL: the payload itself */
    struct {
        char *key, *equals, *value; /* NULL: no find */
    } find;
    struct payload_when *when;
    size_t n_when;
    unsigned column;              /* CSV, from 0 */
    char *name;                   /* SenML, resolved (bn + n) */
    struct json_pointer *time;    /* NULL: the time of arrival */
    double zone;                  /* s east of UTC for times without zone */
    struct units_conversion unit; /* from the binding's unit to the signal's */
    struct json_pointer *unit_path; /* NULL: none. Else the unit is read beside the value */
    char *own_unit;                 /* the signal's, for unit_path and SenML units */
    double molar_mass;
    double scale, offset; /* applied to the number as it came, before the unit */
};

void payload_mapping_clear(struct payload_mapping *mapping);

enum payload_verdict {
    PAYLOAD_VALUE,   /* value and time are set */
    PAYLOAD_BAD,     /* there, but no number (nan, null, empty, text): a bad reading */
    PAYLOAD_UNIT,    /* its unit is unknown or measures something else: a bad reading */
};

struct payload_sample {
    double time;  /* s since the epoch; of arrival where the payload has none */
    double value; /* in the signal's own unit, but gases: see units_apply() */
    bool timed;   /* the payload said the time */
    enum payload_verdict verdict;
    struct units_conversion unit; /* what remains to be applied (with the twin's temperature
                                     and pressure); identity but for gases */
};

/* One message, parsed at most once for all the mappings that read it. */
struct payload {
    struct json *json;
    const char *text;
    size_t length;
    double received;
    const struct cJSON *root; /* internal */
    bool tried;               /* internal */
};

/* Up to `room` samples, oldest first as they stand; 0: this message is not for this mapping
 * (path missing, `when` not met). `why` (may be NULL) gets a constant text for 0 and BAD. */
size_t payload_decode(struct payload *payload, const struct payload_mapping *mapping,
                      struct payload_sample *samples, size_t room, const char **why);

#endif
