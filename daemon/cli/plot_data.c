/* What a picture is made of, before it is drawn. */
#include "plot_svg.h"

#include "twind/mem.h"

#include <math.h>
#include <stdlib.h>

enum { SEEN = 900 }; /* points of a curve: about one a pixel */

struct plot_panel *plot_add_panel(struct plot *plot, const char *name, const char *unit)
{
    if (plot->n == PLOT_PANELS)
        return NULL;
    plot->panels = mem_grow(plot->panels, &plot->room, plot->n + 1, sizeof *plot->panels);
    struct plot_panel *panel = &plot->panels[plot->n++];
    snprintf(panel->title, sizeof panel->title, *unit ? "%s (%s)" : "%s", name, unit);
    return panel;
}

struct plot_curve *plot_add_curve(struct plot_panel *panel, const char *label,
                                  enum plot_style style, unsigned colour)
{
    if (panel->n == PLOT_CURVES)
        return NULL;
    struct plot_curve *curve = &panel->curves[panel->n++];
    snprintf(curve->label, sizeof curve->label, "%s", label);
    curve->style = style;
    curve->colour = colour;
    return curve;
}

void plot_add_point(struct plot_curve *curve, const struct plot_point *point)
{
    curve->points =
        mem_grow(curve->points, &curve->room, curve->n + 1, sizeof *curve->points);
    curve->points[curve->n++] = *point;
}

static int compare_points(const void *a, const void *b)
{
    const struct plot_point *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

/* The mean of those that lie in one place, with the widest band. */
static struct plot_point mean_of(const struct plot_point *points, size_t n)
{
    struct plot_point mean = {0, 0, (double)NAN, (double)NAN};
    for (size_t i = 0; i < n; i++) {
        mean.time += points[i].time / (double)n;
        mean.value += points[i].value / (double)n;
        mean.low = fmin(mean.low, points[i].low);
        mean.high = fmax(mean.high, points[i].high);
    }
    return mean;
}

static void thin_curve(struct plot_curve *curve, double from, double width)
{
    size_t kept = 0;
    if (curve->n > 0)
        qsort(curve->points, curve->n, sizeof *curve->points, compare_points);
    if (curve->n <= SEEN || !(width > 0))
        return;
    for (size_t i = 0, end; i < curve->n; i = end) {
        double place = floor((curve->points[i].time - from) / width);
        for (end = i + 1; end < curve->n; end++)
            if (floor((curve->points[end].time - from) / width) > place)
                break;
        curve->points[kept++] = mean_of(&curve->points[i], end - i);
    }
    curve->n = kept;
}

void plot_thin(struct plot *plot)
{
    double width = (plot->to - plot->from) / SEEN;
    for (size_t i = 0; i < plot->n; i++)
        for (size_t k = 0; k < plot->panels[i].n; k++)
            thin_curve(&plot->panels[i].curves[k], plot->from, width);
}

void plot_clear(struct plot *plot)
{
    for (size_t i = 0; i < plot->n; i++)
        for (size_t k = 0; k < plot->panels[i].n; k++)
            free(plot->panels[i].curves[k].points);
    free(plot->panels);
    plot->panels = NULL;
    plot->n = plot->room = 0;
}
