/* Declared signals: rows for the kind from the configuration, in one allocation. */
#include "twind/config_declare.h"

#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNAL_NAME_MAX = 64 };

static const double UNBOUNDED = 1e15; /* of a declared range with one end */

static bool read_signal(struct config_reader *reader, const struct config_place *place,
                        struct kind_row *row, char **unit)
{
    struct config_signal_keys keys;
    struct err e;
    size_t before = reader->n_errors;
    config_keys_start(&config_signal_table, &keys);
    config_keys_read(reader, place, &config_signal_table, &keys);
    if (!config_check_id(json_key(place->node), &e) ||
        strlen(json_key(place->node)) > SIGNAL_NAME_MAX)
        config_fault_key(reader, place,
                         "\"%s\" is no name for a signal; allowed: 1 to %d "
                         "letters A-Z a-z, digits, _ and -",
                         json_key(place->node), SIGNAL_NAME_MAX);
    if (keys.min >= keys.max)
        config_fault(reader, place, "min (%g) must be smaller than max (%g)", keys.min,
                     keys.max);
    bool range = !isnan(keys.min) || !isnan(keys.max);
    row->min = isnan(keys.min) ? (range ? -UNBOUNDED : 0) : keys.min;
    row->max = isnan(keys.max) ? (range ? UNBOUNDED : 0) : keys.max;
    row->noise = isnan(keys.sd) ? 0 : keys.sd;
    *unit = keys.unit;
    return reader->n_errors == before;
}

/* Texts that live behind the rows. */
static char *put_away(char **room, const char *text)
{
    size_t n = strlen(text) + 1;
    char *kept = memcpy(*room, text, n);
    *room += n;
    return kept;
}

static size_t aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

/* One allocation: the head, the rows, the kind's room, the texts. */
static struct config_declared *pack(const struct kind *kind, const struct kind_row *rows,
                                    char **units, const struct cJSON *signals, size_t n)
{
    size_t head = aligned(sizeof(struct config_declared)), texts = 0;
    size_t table = aligned(n * sizeof *rows), room = aligned(n * kind->declare_room);
    const struct cJSON *signal = json_first(signals);
    for (size_t i = 0; i < n; i++, signal = json_next(signal))
        texts += strlen(units[i]) + strlen(json_key(signal)) + 2;
    char *memory = mem_new(1, head + table + room + texts);
    char *at = memory + head + table + room;
    struct config_declared *declared = (struct config_declared *)(void *)memory;
    struct kind_row *kept = (struct kind_row *)(void *)(memory + head);
    signal = json_first(signals);
    for (size_t i = 0; i < n; i++, signal = json_next(signal)) {
        kept[i] = rows[i];
        kept[i].name = put_away(&at, json_key(signal));
        kept[i].unit = put_away(&at, units[i]);
    }
    *declared = (struct config_declared){.kind = *kind, .rows = kept, .n = n};
    kind->declare(kept, n, memory + head + table, &declared->kind);
    return declared;
}

/* NULL: told. */
struct config_declared *config_declare(struct config_reader *reader,
                                       const struct config_place *twin,
                                       const struct kind *kind)
{
    struct config_place signals = config_place_of(twin, "signals");
    size_t n = json_count(signals.node);
    if (n < 1 || n > kind->declare_most) {
        config_fault(reader, &signals, "%zu signals, allowed are 1 to %zu", n,
                     kind->declare_most);
        return NULL;
    }
    struct kind_row *rows = mem_new(n, sizeof *rows);
    char **units = mem_new(n, sizeof *units);
    struct config_place signal = {.up = &signals, .node = json_first(signals.node)};
    bool fine = true;
    for (size_t i = 0; i < n; i++, signal.node = json_next(signal.node))
        fine = read_signal(reader, &signal, &rows[i], &units[i]) && fine;
    struct config_declared *declared = NULL;
    if (fine)
        declared = pack(kind, rows, units, signals.node, n);
    for (size_t i = 0; i < n; i++)
        free(units[i]);
    free(units);
    free(rows);
    if (declared && declared->kind.n_outputs < n) {
        config_fault(reader, &signals, "%zu signals; the kind %s takes at most %zu", n,
                     kind->name, declared->kind.n_outputs);
        free(declared);
        declared = NULL;
    }
    return declared;
}
