/* Pictures of signals over time as SVG: panels below each other, one a unit or signal, with
 * one axis of time. Colours follow the reader's preference for light or dark. */
#ifndef TWIND_CLI_PLOT_SVG_H
#define TWIND_CLI_PLOT_SVG_H

#include "twind/err.h"

#include <stddef.h>
#include <stdio.h>

enum plot_style { PLOT_LINE, PLOT_DASHED, PLOT_DOTS };

struct plot_point {
    double time, value; /* s since the epoch; NAN: the line breaks here */
    double low, high;   /* the band around the value; NAN: none */
};

struct plot_curve {
    char label[96];
    enum plot_style style;
    unsigned colour; /* 0, 1, 2 .. */
    struct plot_point *points;
    size_t n, room;
};

enum { PLOT_CURVES = 16, PLOT_PANELS = 48 };

struct plot_panel {
    char title[96]; /* what it is, with its unit */
    struct plot_curve curves[PLOT_CURVES];
    size_t n;
};

struct plot {
    char title[160];
    double from, to; /* s since the epoch */
    double now;      /* a line here; NAN: none */
    double zone;     /* s east of UTC of the times shown */
    struct plot_panel *panels;
    size_t n, room;
};

/* A new panel, curve (NULL: there are as many as there may be), point. */
struct plot_panel *plot_add_panel(struct plot *plot, const char *name, const char *unit);
struct plot_curve *plot_add_curve(struct plot_panel *panel, const char *label,
                                  enum plot_style style, unsigned colour);
void plot_add_point(struct plot_curve *curve, const struct plot_point *point);

/* Thins curves to what can be seen: the mean of each share of the time. */
void plot_thin(struct plot *plot);

/* There is at least one panel, and from is before to. */
void plot_svg_write(const struct plot *plot, FILE *to);
/* Whether the file's name promises no picture of another kind. */
bool plot_svg_suits(const char *path, struct err *e);
/* Into a file. */
bool plot_svg_save(const struct plot *plot, const char *path, struct err *e);

void plot_clear(struct plot *plot);

#endif
