/* Questions on their way from Paho's thread to the loop: PREFIX/TWIN/whatif and
 * PREFIX/TWIN/optimise. They pass by the inbox: who asks is waiting now, so a question that
 * a crash has cost is asked again or not at all, and one that kills is not kept for another
 * try. Bounded: what does not fit is dropped, and said. */
#ifndef TWIND_ASKS_H
#define TWIND_ASKS_H

#include "twind/mqtt.h"

enum ask_what { ASK_WHATIF, ASK_OPTIMISE };

struct ask {
    struct ask *next;
    enum ask_what what;
    char *twin; /* as the topic says it */
    char *payload;
    size_t length;
    char *response_topic; /* NULL: none was given, or none that can be published to */
    void *correlation;    /* NULL: none */
    size_t correlation_length;
};

struct asks;
struct asks *asks_new(void);
void asks_free(struct asks *asks);

/* From now on questions are asked under this prefix; before the first: none are. */
void asks_set_prefix(struct asks *asks, const char *prefix);

/* True: the topic is a question's, and is dealt with (copied, or dropped; a retained one is
 * nobody's any more). */
bool asks_put_on_paho(struct asks *asks, const struct mqtt_message *message);

/* The oldest; with `whatif_only` the oldest of those. NULL: none. ask_free() it. */
struct ask *asks_take(struct asks *asks, bool whatif_only);
void ask_free(struct ask *ask); /* NULL: nothing */

/* PREFIX/TWIN/whatif/result, or optimise/result. */
void ask_result_topic(const struct ask *ask, const char *prefix, char *to, size_t size);

#endif
