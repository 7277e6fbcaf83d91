/* A kind whose signals the twin declares. */
#ifndef TWIND_CONFIG_DECLARE_H
#define TWIND_CONFIG_DECLARE_H

#include "twind/config_tables.h"

/* The kind's tables as the user declared them: one allocation, in plan->declared. */
struct config_declared {
    struct kind kind;
    const struct kind_row *rows;
    size_t n;
};

/* From the twin's `signals`. NULL: told. */
struct config_declared *config_declare(struct config_reader *reader,
                                       const struct config_place *twin,
                                       const struct kind *kind);

#endif
