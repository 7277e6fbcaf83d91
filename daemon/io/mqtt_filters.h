/* Which filters are to be subscribed, which are, and which are to be given up. Pure memory;
 * whoever shares it locks it. */
#ifndef IO_MQTT_FILTERS_H
#define IO_MQTT_FILTERS_H

#include <stdbool.h>
#include <stddef.h>

struct mqtt_filter {
    char *text;
    bool subscribed;
};

struct mqtt_filters {
    struct mqtt_filter *wanted; /* sorted, each once */
    size_t n_wanted, cursor;    /* all before the cursor are subscribed */
    char **gone;                /* to be unsubscribed */
    size_t n_gone, room_gone;
};

/* Replaces the wanted ones; those that were wanted before are gone. */
void mqtt_filters_replace(struct mqtt_filters *filters, const char *const *texts, size_t n);

/* A new connection: all are to be subscribed. */
void mqtt_filters_forget(struct mqtt_filters *filters);

/* Up to `most` filters that are not subscribed, into texts and their places into at. */
size_t mqtt_filters_next(struct mqtt_filters *filters, char **texts, size_t *at,
                         size_t most);

void mqtt_filters_free(struct mqtt_filters *filters);

#endif
