/* From a message's payload to samples of one signal, by a mapping that the configuration
 * compiled once. Every format of the trade decodes by configuration alone: a scalar, JSON
 * (by pointer, by name/value list, over a list of records), CSV, SenML.
 *
 * A number may come as text: "21.5", "2.15e1", "21,5" (one comma is a decimal point),
 * "1,234.5", "1.234,5", with a unit behind it that says more than the binding ("71.6 °F");
 * true, on are 1, false, off are 0, in any case. All else is a bad reading.
 *
 * JSON: `path` and its fellows are JSON Pointers. A level `*` stands for each element of
 * the list there ("/measurements/" "*" "/value"), and `time`, `unit_path`, `when` that
 * begin with the same levels are read beside it in the same element. A payload that is a
 * list of records is read record by record, each as if it were the payload, where `path`
 * has no `*` and does not begin with an index.
 *
 * CSV: separated by tabs, else semicolons, else commas, else spaces; quotes are taken off;
 * each line is a record, lines that begin with # are none; `time` and `when` name columns
 * as
 * "/0". SenML (RFC 8428): base values, relative times, records of any order. */
#ifndef TWIND_PAYLOAD_H
#define TWIND_PAYLOAD_H

#include "twind/err.h"
#include "twind/units.h"

#include <stddef.h>

struct json;
struct json_pointer;

enum payload_format {
    PAYLOAD_AUTO, /* SenML where a name is given, JSON where a path, find, when, time or
                     unit_path is, or where it begins like JSON; else a number */
    PAYLOAD_NUMBER,
    PAYLOAD_JSON,
    PAYLOAD_CSV,
    PAYLOAD_SENML,
};

/* One condition of `when`: the value at the path equals this (a number, text or boolean).
 */
struct payload_when {
    struct json_pointer *path;
    char *equals; /* as text ("true", "null" too); numbers are compared as numbers */
};

/* Owns what it points to. Start from payload_mapping_default. */
struct payload_mapping {
    enum payload_format format;
    struct json_pointer *path; /* NULL: the payload itself */
    struct {
        char *key, *equals, *value; /* keys of the list's objects; NULL: no find */
    } find;
    struct payload_when *when;
    size_t n_when;
    unsigned column;           /* CSV, from 0 */
    char *name;                /* SenML, resolved (bn + n); NULL: any */
    struct json_pointer *time; /* NULL: the time of arrival; also where it is unreadable */
    double zone;               /* s east of UTC for times without zone */
    struct units_conversion unit;   /* from the binding's unit to the signal's */
    struct json_pointer *unit_path; /* NULL: none. Else the unit is read beside the value */
    char *own_unit;                 /* the signal's, for unit_path and SenML units */
    double molar_mass;
    double scale, offset; /* applied to the number as it came, before the unit */
};

extern const struct payload_mapping payload_mapping_default; /* scale 1, nothing else */

void payload_mapping_clear(struct payload_mapping *mapping);

enum payload_verdict {
    PAYLOAD_VALUE, /* value and time are set */
    PAYLOAD_BAD,   /* there, but no number (nan, null, empty, text): a bad reading */
    PAYLOAD_UNIT,  /* its unit is unknown or measures something else: a bad reading */
};

struct payload_sample {
    double time;  /* s since the epoch; of arrival where the payload has none */
    double value; /* NAN unless PAYLOAD_VALUE; in the signal's own unit, but where unit.gas
                     is set: then units_apply() has still to be called */
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
    size_t left;              /* set: samples for which there was no room */
    const struct cJSON *root; /* internal, zero at first */
    bool tried;               /* internal, zero at first */
};

/* Up to `room` samples, oldest first; 0: this message is not for this mapping (path
 * missing, `when` not met). A payload that cannot be read as the format says is one
 * PAYLOAD_BAD. `why` (may be NULL) gets a constant text for 0 and the last sample without a
 * value, or NULL. Allocates nothing but what json_parse() does, and qsort() where
 * many samples come out of order. */
size_t payload_decode(struct payload *payload, const struct payload_mapping *mapping,
                      struct payload_sample *samples, size_t room, const char **why);

#endif
