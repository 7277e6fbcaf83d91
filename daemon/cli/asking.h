/* What twinctl whatif and optimise share: the question as JSON, asking a running daemon,
 * and what both answers show. */
#ifndef TWIND_CLI_ASKING_H
#define TWIND_CLI_ASKING_H

#include "live.h"

#include "twind/json_tree.h"
#include "twind/text.h"

enum { ASKING_SETS = 64 };

/* INPUT=VALUE, or INPUT=VALUE@22:00-06:00 for a part of each day. */
struct asking_sets {
    const char *at[ASKING_SETS];
    size_t n;
};

/* For cli_option.each; the context is a struct asking_sets. */
bool asking_add_set(void *sets, const char *text, struct err *e);

/* ,"KEY":{..} for all sets; nothing where there are none. */
void asking_put_sets(struct text *to, const struct asking_sets *sets);

/* ,"KEY":"text"; nothing for NULL. */
void asking_put_text(struct text *to, const char *key, const char *text);

/* Publishes the question on TWIN/WORD and waits for its answer, that with the same `id`, on
 * TWIN/WORD/result, which must be subscribed. False: none came. */
bool asking_send(struct live *live, const char *twin, const char *word,
                 const struct text *question, const char *id, double seconds,
                 struct live_message *answer);

/* An id of our own for one question. */
enum { ASKING_ID = 32 };
void asking_id(char id[ASKING_ID]);

/* A table of what differs: now, and base, what-if and difference at the end and on average;
 * then energy, cost and other totals. */
void asking_print_pair(const struct cJSON *answer);

#endif
