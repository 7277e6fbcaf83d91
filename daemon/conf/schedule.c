#include "twind/schedule.h"

#include "twind/input_value.h"
#include "twind/optimise.h"
#include "twind/times.h"

#include <math.h>
#include <string.h>

enum { ITEMS = 192 }; /* of one input's schedule */
_Static_assert((int)ITEMS >= (int)OPTIMISE_BLOCKS, "advice can be asked about as it is");
static const double day_length = 86400;

/* ---- times of day ---- */

static bool digits(const char **at, size_t least, double *number)
{
    size_t n = 0;
    *number = 0;
    for (; n < 2 && **at >= '0' && **at <= '9'; n++, ++*at)
        *number = 10 * *number + (**at - '0');
    return n >= least;
}

/* "6:00", "06:00", "24:00"; moves on. */
static bool read_clock(const char **at, double *seconds)
{
    double hours, minutes;
    if (!digits(at, 1, &hours) || *(*at)++ != ':' || !digits(at, 2, &minutes))
        return false;
    *seconds = 3600 * hours + 60 * minutes;
    return minutes < 60 && *seconds <= day_length;
}

bool schedule_day_read(const char *text, struct schedule_day *day)
{
    const char *at = text;
    if (!read_clock(&at, &day->from) || *at++ != '-' || !read_clock(&at, &day->to) || *at)
        return false;
    day->from = fmod(day->from, day_length);
    return true;
}

static double length_of(const struct schedule_day *day)
{
    return day->to > day->from ? day->to - day->from : day->to - day->from + day_length;
}

bool schedule_day_holds(const struct schedule_day *day, double local_time)
{
    double since = fmod(local_time - day->from, day_length);
    return (since < 0 ? since + day_length : since) < length_of(day);
}

static void add_daily(struct question *q, size_t input, const struct schedule_day *day,
                      double value)
{
    double midnight = floor((q->made + q->zone) / day_length - 1) * day_length - q->zone;
    for (; midnight + day->from < q->made + q->horizon; midnight += day_length)
        question_add(q, input, midnight + day->from, midnight + day->from + length_of(day),
                     value);
}

/* ---- the forms ---- */

static const struct kind_row *row_of(const struct question *q, size_t input)
{
    return &q->twin->plan->kind->inputs[input];
}

static bool read_one(struct question *q, size_t input, const struct cJSON *node,
                     struct err *e)
{
    double value;
    if (!input_value_from(row_of(q, input), node, &value, e))
        return false;
    question_add(q, input, q->made, q->made + q->horizon, value);
    return true;
}

static bool read_days(struct question *q, size_t input, const struct cJSON *object,
                      struct err *e)
{
    struct schedule_day day;
    double value;
    for (const struct cJSON *at = json_first(object); at; at = json_next(at)) {
        if (!schedule_day_read(json_key(at), &day))
            return err_set(e, "%s: '%.40s' is no stretch of the day; write \"22:00-06:00\"",
                           row_of(q, input)->name, json_key(at));
        if (!input_value_from(row_of(q, input), at, &value, e))
            return false;
        add_daily(q, input, &day, value);
    }
    return true;
}

struct moment {
    bool given, daily;
    double time; /* s since midnight where daily, else since the epoch */
};

static bool read_moment(const struct question *q, const struct cJSON *node,
                        struct moment *moment)
{
    const char *text = json_text(node), *at = text;
    *moment = (struct moment){.given = node != NULL, .daily = true};
    if (!node || (text && read_clock(&at, &moment->time) && *at == '\0'))
        return true;
    moment->daily = false;
    if (text)
        return times_parse(text, strlen(text), q->zone, &moment->time);
    moment->time = times_from_number(json_number(node, NAN));
    return isfinite(moment->time);
}

static bool add_item(struct question *q, size_t input, const struct moment *from,
                     const struct moment *to, double value)
{
    if (from->given && to->given && from->daily != to->daily)
        return false;
    if ((from->given && from->daily) || (to->given && to->daily)) {
        const struct schedule_day day = {fmod(from->time, day_length), to->time};
        if (!from->given || !to->given)
            return false;
        add_daily(q, input, &day, value);
        return true;
    }
    if (from->given && to->given && !(from->time < to->time))
        return false;
    question_add(q, input, from->given ? from->time : q->made,
                 to->given ? to->time : q->made + q->horizon, value);
    return true;
}

static bool check_keys(const struct cJSON *item, const char *name, struct err *e)
{
    static const char *const keys[] = {"from", "to", "value"};
    for (const struct cJSON *at = json_first(item); at; at = json_next(at)) {
        const char *key = json_key(at) ? json_key(at) : "";
        bool known = false;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            known |= strcmp(key, keys[i]) == 0;
        if (!known)
            return err_set(e, "%s: '%.40s' is no key here; allowed: from, to, value", name,
                           key);
    }
    return json_member(item, "value") ||
           err_set(e, "%s: expected {\"from\": .., \"to\": .., \"value\": ..}", name);
}

static bool read_item(struct question *q, size_t input, const struct cJSON *item,
                      struct err *e)
{
    struct moment from, to;
    double value;
    const char *name = row_of(q, input)->name;
    if (!check_keys(item, name, e) ||
        !input_value_from(row_of(q, input), json_member(item, "value"), &value, e))
        return false;
    return (read_moment(q, json_member(item, "from"), &from) &&
            read_moment(q, json_member(item, "to"), &to) &&
            add_item(q, input, &from, &to, value)) ||
           err_set(e,
                   "%s: from and to must be two times of day (\"22:00\"), or times with "
                   "their date, from the earlier",
                   name);
}

bool schedule_read(struct question *q, size_t input, const struct cJSON *node,
                   struct err *e)
{
    bool list = json_type(node) == JSON_LIST;
    if (json_type(node) != JSON_OBJECT && !list)
        return read_one(q, input, node, e);
    if (json_count(node) == 0 || json_count(node) > ITEMS)
        return err_set(e, "%s: %zu times; 1 to %d are taken", row_of(q, input)->name,
                       json_count(node), ITEMS);
    if (!list)
        return read_days(q, input, node, e);
    for (const struct cJSON *at = json_first(node); at; at = json_next(at))
        if (!read_item(q, input, at, e))
            return false;
    return true;
}
