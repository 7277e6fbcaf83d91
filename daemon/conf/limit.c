#include "twind/limit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double scale_share = 0.01;

static bool squeeze(const char *text, char to[LIMIT_TEXT])
{
    size_t n = 0;
    for (; *text; text++) {
        if (*text == ' ')
            continue;
        if (n + 1 == LIMIT_TEXT)
            return false;
        to[n++] = *text;
    }
    to[n] = '\0';
    return true;
}

static bool find_output(struct limit *limit, const struct kind *kind, size_t length,
                        struct err *e)
{
    for (size_t i = 0; i < kind->n_outputs; i++)
        if (strlen(kind->outputs[i].name) == length &&
            memcmp(kind->outputs[i].name, limit->text, length) == 0) {
            limit->output = i;
            return true;
        }
    return err_set(e, "keep: '%.*s' is no output of a %s (twinctl kinds %s lists them)",
                   (int)length, limit->text, kind->name, kind->name);
}

/* What stands after the name: ">=18", "<=30@06:00-22:00". */
static bool read_rest(struct limit *limit, const char *at)
{
    limit->sign = *at++ == '>' ? 1 : -1;
    at += *at == '=';
    char *end;
    limit->value = strtod(at, &end);
    limit->daily = *end == '@';
    return end != at && isfinite(limit->value) &&
           (limit->daily ? schedule_day_read(end + 1, &limit->day) : *end == '\0');
}

bool limit_read(struct limit *limit, const struct kind *kind, const char *text,
                struct err *e)
{
    *limit = (struct limit){.sign = 0};
    size_t length = squeeze(text, limit->text) ? strcspn(limit->text, "<>") : 0;
    if (length == 0 || limit->text[length] == '\0' ||
        !read_rest(limit, limit->text + length))
        return err_set(e,
                       "keep: '%.90s' is no limit; write NAME>=VALUE or NAME<=VALUE, and "
                       "@06:00-22:00 after it for a part of the day",
                       text);
    if (!find_output(limit, kind, length, e))
        return false;
    double usual = kind->outputs[limit->output].noise;
    limit->scale = usual > 0 ? usual : fmax(scale_share * fabs(limit->value), 1e-3);
    return true;
}

struct limit_verdict limit_judge(const struct limit *limit, const struct forecast *of,
                                 const double *sd, double z, double zone)
{
    struct limit_verdict verdict = {.margin = INFINITY, .when = of->made};
    for (size_t k = 0; k < of->n; k++) {
        size_t i = limit->output * of->n + k;
        double time = of->made + (double)(k + 1) * of->step;
        if (limit->daily && !schedule_day_holds(&limit->day, time + zone))
            continue;
        double spread = isfinite(sd[i]) ? sd[i] : 0;
        double margin = limit->sign * (of->mean[i] - limit->value) - z * spread;
        if (!(margin >= 0))
            verdict.breach += -margin / limit->scale * of->step / 3600;
        if (!(margin >= verdict.margin)) {
            verdict.margin = margin;
            verdict.when = time;
        }
    }
    return verdict;
}
