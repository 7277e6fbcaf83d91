/* Values with a measure: durations, sizes, time zones. */
#include "twind/config_quantity.h"

#include "twind/times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *duration_text(double seconds, char text[TIME_TEXT])
{
    if (isinf(seconds))
        return "never";
    if (!(seconds > 0) && !(seconds < 0))
        return "0s";
    return times_format_duration(seconds, text);
}

bool config_duration_from_number(const struct config_key *key, double seconds, void *field,
                                 struct err *e)
{
    char given[TIME_TEXT], min[TIME_TEXT], max[TIME_TEXT];
    if (!(seconds >= key->min && seconds <= key->max))
        return err_set(e, "%s is outside the allowed %s to %s",
                       duration_text(seconds, given), duration_text(key->min, min),
                       duration_text(key->max, max));
    *(double *)field = seconds;
    return true;
}

bool config_duration_from_text(const struct config_key *key, const char *text, void *field,
                               struct err *e)
{
    double seconds = INFINITY;
    if (strcmp(text, "never") == 0 && isinf(key->max)) {
        *(double *)field = seconds;
        return true;
    }
    if (!times_parse_duration(text, &seconds))
        return err_set(e,
                       "\"%s\" is no duration; write \"250ms\", \"30s\", \"5m\", "
                       "\"24h\", \"30d\", \"1y\"%s or a number of seconds",
                       text, isinf(key->max) ? ", \"never\"" : "");
    return config_duration_from_number(key, seconds, field, e);
}

/* The short form, where it says exactly the same. */
bool config_duration_put(struct text *text, const struct config_key *key, const void *field)
{
    (void)key;
    double seconds = *(const double *)field, back;
    char form[TIME_TEXT];
    if (isnan(seconds))
        return false;
    const char *said = duration_text(seconds, form);
    if (isinf(seconds) ||
        (times_parse_duration(said, &back) && !(back < seconds) && !(back > seconds)))
        text_quoted(text, said);
    else
        config_number_put(text, seconds);
    return true;
}

static const struct {
    const char *unit;
    double bytes;
} sizes[] = {
    {"B", 1},    {"kB", 1e3},   {"KB", 1e3},      {"MB", 1e6},
    {"GB", 1e9}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824},
};

bool config_size_from_number(const struct config_key *key, double bytes, void *field,
                             struct err *e)
{
    if (!(bytes >= key->min && bytes <= key->max))
        return err_set(e, "%.0f bytes are outside the allowed %.0f to %.0f", bytes,
                       key->min, key->max);
    *(double *)field = floor(bytes);
    return true;
}

bool config_size_from_text(const struct config_key *key, const char *text, void *field,
                           struct err *e)
{
    size_t digits = strspn(text, "0123456789.");
    const char *unit = text + digits + strspn(text + digits, " ");
    char *end;
    double number = strtod(text, &end);
    for (size_t i = 0; digits && end == text + digits && i < sizeof sizes / sizeof *sizes;
         i++)
        if (strcmp(unit, sizes[i].unit) == 0)
            return config_size_from_number(key, number * sizes[i].bytes, field, e);
    return err_set(e,
                   "\"%s\" is no size; write \"64MB\", \"64MiB\", \"1GB\" or a number of "
                   "bytes",
                   text);
}

static int two_digits(const char *at)
{
    bool both = at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9';
    return both ? (at[0] - '0') * 10 + at[1] - '0' : -1;
}

bool config_zone_from_text(const struct config_key *key, const char *text, void *field,
                           struct err *e)
{
    (void)key;
    double *zone = field;
    *zone = 0;
    if (strcmp(text, "UTC") == 0 || strcmp(text, "Z") == 0)
        return true;
    bool signed_time = strlen(text) == 6 && strchr("+-", text[0]) && text[3] == ':';
    int hours = signed_time ? two_digits(text + 1) : -1;
    int minutes = signed_time ? two_digits(text + 4) : -1;
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return err_set(e, "\"%s\" is no time zone; write \"UTC\" or \"+01:00\"", text);
    *zone = (text[0] == '-' ? -60 : 60) * (double)(hours * 60 + minutes);
    return true;
}

bool config_zone_put(struct text *text, const struct config_key *key, const void *field)
{
    (void)key;
    double zone = *(const double *)field;
    if (isnan(zone))
        return false;
    int minutes = (int)(fabs(zone) / 60);
    text_put(text, "\"%c%02d:%02d\"", zone < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return true;
}
