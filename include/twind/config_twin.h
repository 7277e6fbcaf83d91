/* The list of twins: ids, names and topics, which are each twin's own; the rest is found or
 * made in shapes. */
#ifndef TWIND_CONFIG_TWIN_H
#define TWIND_CONFIG_TWIN_H

#include "twind/config_index.h"
#include "twind/config_shape.h"

/* What is known while the files are read. Zeroed at the start. */
struct config_roll {
    struct config *config;
    size_t room; /* of config->twins */
    struct config_origin {
        const struct config_source *source;
        const struct cJSON *id;
    } * origins; /* one a twin, for those whose id stands twice */
    size_t n_origins, origins_room;
    struct config_index ids;    /* origins by id */
    struct config_index shapes; /* `known` by text */
    struct config_known {
        char *text;
        struct config_shape *shape;
    } * known;
    size_t n_known, known_room;
};

/* The `twins` of the file being read; `root` is its root. */
void config_twins_read(struct config_reader *reader, const struct config_place *root,
                       struct config_roll *roll);
void config_roll_clear(struct config_roll *roll);

void config_twin_clear(struct config_twin *twin);

#endif
