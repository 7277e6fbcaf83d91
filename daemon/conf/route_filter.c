/* What a filter may look like (MQTT 3.1.1, section 4.7, with named levels), what the broker
 * is told of it, and what its names stood for. */
#include "twind/route.h"

#include <stdio.h>
#include <string.h>

enum { FILTER_MAX = 65535 };

static bool is_name(const char *level, size_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    return length > 2 && level[0] == '{' && level[length - 1] == '}' &&
           strspn(level + 1, letters) == length - 2;
}

/* NULL: it is fine. */
static const char *level_fault(const char *level, size_t length, bool last)
{
    bool wild = length == 1 && (*level == '+' || *level == '#');
    if (wild)
        return *level == '#' && !last ? "# must be the last level" : NULL;
    if (is_name(level, length))
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (level[i] == '+' || level[i] == '#')
            return "+ and # stand for whole levels, between slashes";
        if (level[i] == '{' || level[i] == '}')
            return "a named level is {name} between slashes, of a-z, 0-9 and _";
    }
    return NULL;
}

static bool seen_before(const char *filter, const char *level, size_t length)
{
    for (; filter < level; filter = strchr(filter, '/') + 1)
        if (strncmp(filter, level, length) == 0 && filter[length] == '/')
            return true;
    return false;
}

bool route_filter_valid(const char *filter, struct err *e)
{
    size_t n = strlen(filter), names = 0;
    const char *fault = NULL;
    if (n == 0)
        return err_set(e, "a topic must not be empty");
    if (n > FILTER_MAX)
        return err_set(e, "a topic of %zu bytes; at most %d are allowed", n, FILTER_MAX);
    if (strncmp(filter, "$share/", 7) == 0)
        fault = "a shared subscription would leave readings to others";
    for (const char *level = filter; level && !fault;) {
        size_t length = strcspn(level, "/");
        fault = level_fault(level, length, level[length] == '\0');
        if (!fault && is_name(level, length)) {
            if (seen_before(filter, level, length))
                fault = "a name must not occur twice";
            if (++names > ROUTE_NAMES_MAX)
                fault = "more than 8 named levels";
        }
        level = level[length] ? level + length + 1 : NULL;
    }
    return fault ? err_set(e, "topic \"%.200s\": %s", filter, fault) : true;
}

void route_filter_plain(const char *filter, char *to, size_t size)
{
    size_t used = 0;
    while (*filter && used + 1 < size) {
        size_t length = strcspn(filter, "/");
        bool name = is_name(filter, length);
        for (size_t i = 0; i < (name ? 1 : length) && used + 1 < size; i++)
            to[used++] = name ? '+' : filter[i];
        filter += length;
        if (*filter == '/' && used + 1 < size)
            to[used++] = *filter++;
    }
    if (size)
        to[used] = '\0';
}

/* A capture's name ends with its filter's } or with a terminator. */
static const struct route_capture *captured(const struct route_match *match,
                                            const char *name, size_t length)
{
    for (size_t i = 0; i < match->n_captures; i++) {
        const char *its = match->captures[i].name;
        if (strncmp(its, name, length) == 0 && (its[length] == '}' || its[length] == '\0'))
            return &match->captures[i];
    }
    return NULL;
}

static bool is_plain(const struct route_capture *capture)
{
    for (size_t i = 0; i < capture->length; i++)
        if ((unsigned char)capture->text[i] < 0x20 || capture->text[i] == 0x7F)
            return false;
    return capture->length > 0;
}

bool route_fill(const char *pattern, const struct route_match *match, char *to, size_t size,
                struct err *e)
{
    size_t used = 0;
    for (const char *at = pattern; *at;) {
        const char *close = *at == '{' ? strchr(at, '}') : NULL;
        struct route_capture literal = {.text = at, .length = 1};
        const struct route_capture *part = &literal;
        if (close)
            part = captured(match, at + 1, (size_t)(close - at) - 1);
        if (!part)
            return err_set(e, "\"%.80s\": no level of the topic is named %.*s", pattern,
                           (int)(close - at < 80 ? close + 1 - at : 80), at);
        if (close && !is_plain(part))
            return err_set(e,
                           "\"%.80s\": the level %.*s of the topic is empty or holds a "
                           "control character",
                           pattern, (int)(close - at < 80 ? close + 1 - at : 80), at);
        if (part->length >= size - used)
            return err_set(e, "\"%.80s\" becomes longer than %zu bytes", pattern, size - 1);
        memcpy(to + used, part->text, part->length);
        used += part->length;
        at = close ? close + 1 : at + 1;
    }
    to[used] = '\0';
    return true;
}
