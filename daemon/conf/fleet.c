/* A table says in how many ways (none, one, more) the end of the id can be read by the end
 * of the pattern; it is filled from the ends, so that no id can make it slow. */
#include "twind/fleet.h"

#include "twind/mem.h"

#include <string.h>

enum { PARTS = FLEET_ID, SEPARATOR = '\x1F' }; /* no level of a topic in an id holds it */

/* The pattern in parts: a character, or a name. */
struct part {
    char letter;
    const char *name; /* NULL: the letter */
};

/* PARTS: it is too long. */
static size_t split(const char *pattern, struct part *parts)
{
    size_t n = 0;
    for (; *pattern && n < PARTS; n++) {
        const char *end = *pattern == '{' ? strchr(pattern, '}') : NULL;
        parts[n] = end ? (struct part){'\0', pattern + 1} : (struct part){*pattern, NULL};
        pattern = end ? end + 1 : pattern + 1;
    }
    return *pattern ? PARTS : n;
}

/* ways[p][i]: from part p and character i on; inside of a name, one character is taken and
 * the name then ends or goes on. */
static void count_ways(const struct part *parts, size_t n, const char *id, size_t length,
                       unsigned char ways[PARTS + 1][FLEET_ID + 1])
{
    memset(ways, 0, (PARTS + 1) * sizeof *ways);
    ways[n][length] = 1;
    for (size_t p = n; p-- > 0;)
        for (size_t i = length; i-- > 0;) {
            int sum = 0;
            if (parts[p].name)
                sum = ways[p + 1][i + 1] + ways[p][i + 1];
            else if (parts[p].letter == id[i])
                sum = ways[p + 1][i + 1];
            ways[p][i] = (unsigned char)(sum < 2 ? sum : 2);
        }
}

enum fleet_fit fleet_match(const char *pattern, const char *id, struct route_match *match)
{
    struct part parts[PARTS];
    unsigned char ways[PARTS + 1][FLEET_ID + 1];
    size_t n = split(pattern, parts), length = strlen(id), i = 0;
    match->n_captures = 0;
    if (n == PARTS || length > FLEET_ID)
        return FLEET_NONE;
    count_ways(parts, n, id, length, ways);
    if (ways[0][0] == 0)
        return FLEET_NONE;
    for (size_t p = 0; p < n; p++) {
        size_t begin = i++;
        if (!parts[p].name)
            continue;
        if (match->n_captures == ROUTE_NAMES_MAX)
            return FLEET_NONE;
        while (ways[p + 1][i] == 0)
            i++;
        match->captures[match->n_captures++] =
            (struct route_capture){parts[p].name, id + begin, i - begin};
    }
    return ways[0][0] == 1 ? FLEET_ONE : FLEET_SEVERAL;
}

char *fleet_keep(const char *pattern, const struct route_match *match)
{
    struct part parts[PARTS];
    char names[2 * FLEET_ID], kept[2 * FLEET_ID];
    size_t n = split(pattern, parts), used = 0;
    struct err e;
    for (size_t p = 0; p < n; p++) {
        size_t length = parts[p].name ? strcspn(parts[p].name, "}") + 2 : 0;
        if (length == 0)
            continue;
        if (used + length + 2 > sizeof names)
            return NULL;
        if (used > 0)
            names[used++] = SEPARATOR;
        memcpy(names + used, parts[p].name - 1, length);
        used += length;
    }
    names[used] = '\0';
    return route_fill(names, match, kept, sizeof kept, &e) ? mem_text(kept) : NULL;
}

void fleet_recall(const char *pattern, const char *kept, struct route_match *match)
{
    struct part parts[PARTS];
    size_t n = split(pattern, parts);
    match->n_captures = 0;
    for (size_t p = 0; p < n; p++) {
        if (!parts[p].name || match->n_captures == ROUTE_NAMES_MAX)
            continue;
        size_t length = strcspn(kept, (const char[]){SEPARATOR, '\0'});
        match->captures[match->n_captures++] =
            (struct route_capture){parts[p].name, kept, length};
        kept += length + (kept[length] == SEPARATOR);
    }
}
