/* Inside of payload*.c only: one decoding, and what its formats share. */
#ifndef TWIND_PAYLOAD_PARTS_H
#define TWIND_PAYLOAD_PARTS_H

#include "twind/payload.h"

struct decoding {
    struct payload *payload;
    const struct payload_mapping *mapping;
    struct payload_sample *samples;
    size_t room, n;
    const char *why;
};

struct piece { /* of a text; not terminated */
    const char *at;
    size_t length;
};

/* When a value was sampled. */
struct moment {
    double time;
    bool timed;
};

/* The payload as JSON; NULL: it is none. */
const struct cJSON *payload_root(struct payload *payload);

struct piece payload_trim(struct piece text);

/* The number that the text begins with, or true/false/on/off; `rest` is what follows it,
 * trimmed. False: neither. */
bool payload_number(struct piece text, double *number, struct piece *rest);

/* A time as a number or text says it. NAN: it says none. */
double payload_time(struct piece text, double zone);

/* The moment that the text says, or the payload's arrival. */
struct moment payload_moment(const struct decoding *d, struct piece text);
struct moment payload_arrival(const struct decoding *d);

bool payload_equals_text(const char *equals, struct piece text);
bool payload_equals_number(const char *equals, double number);

/* Add a sample: of a number as it came; of a text; of nothing that can be used. */
void payload_put_number(struct decoding *d, struct moment at,
                        const struct units_conversion *unit, double number);
void payload_put_text(struct decoding *d, struct moment at,
                      const struct units_conversion *unit, struct piece text);
void payload_put_bad(struct decoding *d, struct moment at, enum payload_verdict verdict,
                     const char *why);

/* The conversion from a unit that the payload names to the signal's own. False: there is
 * none. A signal without a unit takes any. */
bool payload_unit(const struct payload_mapping *mapping, struct piece unit,
                  struct units_conversion *made);

/* The formats that have a file of their own. */
void payload_decode_json(struct decoding *d, const struct cJSON *root);
void payload_decode_senml(struct decoding *d, const struct cJSON *root);
void payload_decode_csv(struct decoding *d);

#endif
