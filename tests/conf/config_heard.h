/* Loads a configuration and keeps what was told, for the tests of it. */
#ifndef TESTS_CONFIG_HEARD_H
#define TESTS_CONFIG_HEARD_H

#include "check.h"

#include "twind/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEARD_MAX = 128 };

struct heard {
    char *errors[HEARD_MAX], *warnings[HEARD_MAX];
    size_t n_errors, n_warnings;
};

static inline void heard_say(void *context, bool warning, const char *text)
{
    struct heard *heard = context;
    size_t *n = warning ? &heard->n_warnings : &heard->n_errors;
    assert_true(*n < HEARD_MAX);
    size_t length = strlen(text) + 1;
    char *copy = malloc(length);
    assert_non_null(copy);
    (warning ? heard->warnings : heard->errors)[(*n)++] = memcpy(copy, text, length);
}

static inline void heard_clear(struct heard *heard)
{
    for (size_t i = 0; i < heard->n_errors; i++)
        free(heard->errors[i]);
    for (size_t i = 0; i < heard->n_warnings; i++)
        free(heard->warnings[i]);
    *heard = (struct heard){.n_errors = 0};
}

static inline bool heard_load(struct heard *heard, const char *text, struct config *config)
{
    struct config_report report = {heard, heard_say};
    return config_load_text(text, &report, config);
}

/* Must load, without a warning. */
static inline void load_well(const char *text, struct config *config)
{
    struct heard heard = {.n_errors = 0};
    bool fine = heard_load(&heard, text, config);
    if (!fine || heard.n_warnings)
        fail_msg("%s", heard.n_errors ? heard.errors[0] : heard.warnings[0]);
    heard_clear(&heard);
}

#endif
