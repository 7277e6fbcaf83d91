/* A detector on as many signals as there are. */
#include "twind/panel.h"

#include <stdio.h>

struct state {
    double which;   /* signal that said most; of detectors that watch one each */
    double parts[]; /* one state for all, or one each */
};

static size_t room_of_part(const struct panel *panel)
{
    const struct detector *d = panel->detector;
    size_t bytes = d->size(panel->params, d->joint ? panel->n : 1);
    return (bytes + sizeof(double) - 1) / sizeof(double);
}

static const double *part_of(const struct panel *panel, const struct state *s)
{
    return s->parts + (panel->detector->joint ? 0 : (size_t)s->which * room_of_part(panel));
}

size_t panel_size(const struct panel *panel)
{
    size_t parts = panel->detector->joint ? 1 : panel->n;
    return sizeof(struct state) + parts * room_of_part(panel) * sizeof(double);
}

double panel_step(const struct panel *panel, void *state, double time, const double *values)
{
    struct state *s = state;
    double most = 0;
    s->which = 0;
    if (panel->detector->joint)
        return detectors_step(panel->detector, panel->params, s->parts, time, values,
                              panel->n);
    for (size_t i = 0; i < panel->n; i++) {
        double score =
            detectors_step(panel->detector, panel->params,
                           s->parts + i * room_of_part(panel), time, values + i, 1);
        if (score > most) {
            most = score;
            s->which = (double)i;
        }
    }
    return most;
}

void panel_explain(const struct panel *panel, const void *state, struct panel_reason *why)
{
    const struct state *s = state;
    const double *part = part_of(panel, s);
    struct detector_reason reason = panel->detector->reason(panel->params, part);
    bool alone = !panel->detector->joint && panel->n > 1;
    why->signal = alone ? s->which + 1 : (double)reason.signal;
    why->share = alone ? 1 : reason.share;
    detectors_describe(&reason, why->text);
}

void panel_text(const struct panel_reason *why, const char *const *names,
                char text[DETECTOR_TEXT])
{
    char number[32];
    const char *name = number;
    if (!(why->signal >= 1)) {
        snprintf(text, DETECTOR_TEXT, "%s", why->text);
        return;
    }
    snprintf(number, sizeof number, "value %.0f", why->signal);
    if (names)
        name = names[(size_t)why->signal - 1];
    if (why->share >= 1)
        snprintf(text, DETECTOR_TEXT, "%.60s: %.120s", name, why->text);
    else
        snprintf(text, DETECTOR_TEXT, "%.126s; mostly %.40s (%.0f %%)", why->text, name,
                 100 * why->share);
}
