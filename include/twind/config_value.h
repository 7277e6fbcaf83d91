/* A key of the configuration is one row: name, type, default, range, help. Here: its value,
 * from JSON to a field of a struct and back. */
#ifndef TWIND_CONFIG_VALUE_H
#define TWIND_CONFIG_VALUE_H

#include "twind/config_report.h"
#include "twind/text.h"

enum config_type {
    CONFIG_TEXT,     /* char * */
    CONFIG_SCALAR,   /* char *: a text, number or boolean, as text */
    CONFIG_TEXTS,    /* struct config_texts: a list of texts */
    CONFIG_NAMES,    /* likewise, or one text alone */
    CONFIG_NUMBER,   /* double */
    CONFIG_COUNT,    /* size_t: a whole number; CONFIG_ABSENT */
    CONFIG_BOOL,     /* bool */
    CONFIG_SWITCH,   /* double: 1 true, 0 false */
    CONFIG_DURATION, /* double, seconds; "never" (INFINITY) where max is INFINITY */
    CONFIG_SIZE,     /* double, bytes: "64MB" */
    CONFIG_ZONE,     /* double, seconds east of UTC: "+01:00" */
    CONFIG_WORD,     /* int: the index in `words` */
    CONFIG_CHOICE,   /* double: likewise */
    CONFIG_EITHER,   /* bool: the second of two `words` */
    CONFIG_RANGE,    /* double[2] */
    CONFIG_OBJECT,   /* the keys of `of`, in the same struct */
    /* Not read by the table; the node is kept (const struct cJSON *) for who reads it. */
    CONFIG_LATER_OBJECT,
    CONFIG_LATER_LIST,
    CONFIG_LATER, /* of any type */
    CONFIG_TYPES,
};

enum config_flag {
    CONFIG_REQUIRED = 1 << 0,
    CONFIG_NULLABLE = 1 << 1, /* null: as if it were not there */
    CONFIG_SOON = 1 << 2,     /* this version checks it, warns of it and forgets it */
};

/* The value is checked and forgotten. */
#define CONFIG_NOWHERE SIZE_MAX

#define CONFIG_ABSENT SIZE_MAX

struct config_texts {
    char **at;
    size_t n;
};

struct config_key {
    const char *name;
    enum config_type type;
    size_t offset;            /* in the struct that the table fills */
    const char *value;        /* default, as it would be written; NULL: absent */
    double min, max;          /* numbers, durations (s), sizes (bytes), counts */
    const char *unit;         /* for messages; NULL */
    const char *const *words; /* ends with NULL */
    bool (*check)(const char *text, struct err *e); /* texts, words; NULL */
    const struct config_table *of;
    size_t flags; /* of enum config_flag */
    const char *help;
};

/* One value. False: told. */
bool config_value_read(struct config_reader *reader, const struct config_place *place,
                       const struct config_key *key, void *field);

/* Its default, or what stands for absent (NULL, NAN; else the field is left as it is). */
void config_value_start(const struct config_key *key, void *field);
void config_value_clear(const struct config_key *key, void *field);

/* The value as JSON. False, and nothing put: it is absent. */
bool config_value_put(struct text *text, const struct config_key *key, const void *field);

bool config_number_put(struct text *text, double number); /* true */

/* What may be written for this key: `a duration such as "30s"`. */
const char *config_type_help(enum config_type type);

#endif
