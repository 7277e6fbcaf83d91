/* How the configuration's errors are told: "FILE:LINE:COL: JSON/path: message", each with
 * what is allowed, all in one run. Only config*.c needs it. */
#ifndef TWIND_CONFIG_REPORT_H
#define TWIND_CONFIG_REPORT_H

#include "twind/config.h"
#include "twind/json.h"
#include "twind/json_tree.h"

enum {
    CONFIG_ERRORS_MAX = 100, /* told one by one; after that, that there are more */
    CONFIG_HINT_TEXT = 700,
};

/* One file of the configuration; open until all is read, for its positions. */
struct config_source {
    char *file;
    struct json_document document;
};

struct config_reader {
    const struct config_report *report;
    const struct config_source *source; /* being read */
    size_t n_errors, n_warnings;
    const void *warned[8]; /* what config_warn_once() has told */
    size_t n_warned;
};

/* Where the reading stands: a chain from the document's root, on the caller's stack. */
struct config_place {
    const struct config_place *up; /* NULL: the root */
    const struct cJSON *node;
    size_t index; /* in a list */
};

/* The member of an object; the object itself where it has no such key. */
struct config_place config_place_of(const struct config_place *object, const char *key);

/* Tells an error at the value of the place, and counts it. Always false. */
bool config_fault(struct config_reader *reader, const struct config_place *place,
                  const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same at the value's key. */
bool config_fault_key(struct config_reader *reader, const struct config_place *place,
                      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* An error of a file that is no JSON at all; `at` is "LINE:COL: what" or only what. */
void config_fault_file(struct config_reader *reader, const char *file, const char *at);

void config_warn(struct config_reader *reader, const struct config_place *place,
                 const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A warning that is told once, for the first place that gives rise to it. */
void config_warn_once(struct config_reader *reader, const struct config_place *place,
                      const void *what, const char *text);

/* "LINE:COL" of the node's key, preceded by its file where that is not the one being read.
 */
void config_where(const struct config_reader *reader, const struct config_source *source,
                  const struct cJSON *node, char *to, size_t size);

/* All keys that stand twice in one object of the file. */
void config_fault_duplicates(struct config_reader *reader);

/* The help after a word that is not known: the nearest of the words offered, or all. */
struct config_hint {
    const char *word;
    const char *best;
    size_t distance;
    size_t used;
    char all[CONFIG_HINT_TEXT];
};

void config_hint_offer(struct config_hint *hint, const char *word);

/* "did you mean air_temperature?" or "allowed: a, b, c", in the hint's own memory. */
const char *config_hint_text(struct config_hint *hint);

#endif
