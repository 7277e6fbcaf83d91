/* Sorted, so that a new list is compared with the old one in one pass. */
#include "mqtt_filters.h"

#include "twind/mem.h"

#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct mqtt_filter *)a)->text,
                  ((const struct mqtt_filter *)b)->text);
}

static struct mqtt_filter *sorted_copy(const char *const *texts, size_t n, size_t *unique)
{
    struct mqtt_filter *list = mem_new(n, sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i].text = mem_text(texts[i]);
    qsort(list, n, sizeof *list, by_text);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (used && strcmp(list[used - 1].text, list[i].text) == 0)
            free(list[i].text);
        else
            list[used++] = list[i];
    }
    *unique = used;
    return list;
}

static void give_up(struct mqtt_filters *f, char *text)
{
    f->gone = mem_grow(f->gone, &f->room_gone, f->n_gone + 1, sizeof *f->gone);
    f->gone[f->n_gone++] = text;
}

void mqtt_filters_replace(struct mqtt_filters *f, const char *const *texts, size_t n)
{
    size_t n_new, old = 0;
    struct mqtt_filter *new = sorted_copy(texts, n, &n_new);
    for (size_t i = 0; i < n_new; i++) {
        while (old < f->n_wanted && by_text(&f->wanted[old], &new[i]) < 0)
            give_up(f, f->wanted[old++].text);
        if (old < f->n_wanted && by_text(&f->wanted[old], &new[i]) == 0) {
            new[i].subscribed = f->wanted[old].subscribed;
            free(f->wanted[old++].text);
        }
    }
    while (old < f->n_wanted)
        give_up(f, f->wanted[old++].text);
    free(f->wanted);
    f->wanted = new;
    f->n_wanted = n_new;
    f->cursor = 0;
}

void mqtt_filters_forget(struct mqtt_filters *f)
{
    for (size_t i = 0; i < f->n_wanted; i++)
        f->wanted[i].subscribed = false;
    f->cursor = 0;
}

size_t mqtt_filters_next(struct mqtt_filters *f, char **texts, size_t *at, size_t most)
{
    while (f->cursor < f->n_wanted && f->wanted[f->cursor].subscribed)
        f->cursor++;
    size_t n = 0;
    for (size_t i = f->cursor; i < f->n_wanted && n < most; i++) {
        if (f->wanted[i].subscribed)
            continue;
        texts[n] = f->wanted[i].text;
        at[n++] = i;
    }
    return n;
}

void mqtt_filters_free(struct mqtt_filters *f)
{
    for (size_t i = 0; i < f->n_wanted; i++)
        free(f->wanted[i].text);
    for (size_t i = 0; i < f->n_gone; i++)
        free(f->gone[i]);
    free(f->wanted);
    free(f->gone);
}
