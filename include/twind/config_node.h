/* JSON trees as text, as short as can be. */
#ifndef TWIND_CONFIG_NODE_H
#define TWIND_CONFIG_NODE_H

#include "twind/text.h"

struct cJSON;

void config_node_put(struct text *text, const struct cJSON *node);

/* Of a twin, all but its id, name and topics: equal texts, one shape (with the same root).
 */
void config_node_put_shape(struct text *text, const struct cJSON *twin);

#endif
