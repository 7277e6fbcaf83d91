/* A hash table from byte strings to lists of targets; keys are never taken out. Only
 * route.c needs it. */
#ifndef TWIND_ROUTE_TABLE_H
#define TWIND_ROUTE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct route_entry {
    union {
        uint64_t target; /* n == 1 */
        uint64_t *list;  /* n > 1 */
    } at;
    uint32_t n;
    uint32_t length : 31;
    uint32_t resolved : 1; /* the caller's */
    char key[];
};

struct route_table;

struct route_table *route_table_new(void);
void route_table_free(struct route_table *table);

/* NULL: not there. */
struct route_entry *route_table_find(const struct route_table *table, const char *key,
                                     size_t length);

/* The entry of the key, a new one without targets where there was none. */
struct route_entry *route_table_insert(struct route_table *table, const char *key,
                                       size_t length);

void route_table_append(struct route_table *table, struct route_entry *entry,
                        uint64_t target);

/* Valid until something is appended to the entry. */
const uint64_t *route_table_targets(const struct route_entry *entry);

/* Bytes taken. */
size_t route_table_memory(const struct route_table *table);

#endif
