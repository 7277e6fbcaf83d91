#include "plot_svg.h"

#include "twind/text.h"
#include "twind/times.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
    WIDTH = 960,
    LEFT = 72,
    RIGHT = 20,
    TOP = 44,    /* the picture's title */
    PANEL = 210, /* from panel to panel */
    HEAD = 26,   /* of it, the panel's title */
    INNER = 168, /* of it, the drawing */
    FOOT = 46,   /* the times */
    COLOURS = 6,
    TICKS_Y = 5,
    TICKS_X = 9,
    LETTER = 7, /* width of one in the legend, about */
};
static const double MINUTE = 60, HOUR = 3600, DAY = 86400;
static const double gap_least = 3 * 3600.0, gap_share = 1.0 / 40; /* a line breaks there */

/* One panel's place, and the values that it shows. */
struct frame {
    const struct plot *plot;
    double top, low, high;
};

/* ---- where things are ---- */

static double x_of(const struct plot *plot, double time)
{
    double share = (time - plot->from) / (plot->to - plot->from);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct frame *frame, double value)
{
    double share = (value - frame->low) / (frame->high - frame->low);
    return frame->top + INNER * (1 - share);
}

static bool is_shown(const struct plot *plot, const struct plot_point *p)
{
    return isfinite(p->value) && p->time >= plot->from && p->time <= plot->to;
}

static void widen(struct frame *frame, double value)
{
    if (!isfinite(value))
        return;
    frame->low = fmin(frame->low, value);
    frame->high = fmax(frame->high, value);
}

static double nice_step(double range)
{
    double step = pow(10, floor(log10(range / TICKS_Y)));
    static const double factors[] = {1, 2, 5, 10};
    size_t i = 0;
    while (i < 3 && range / (step * factors[i]) > TICKS_Y + 1)
        i++;
    return step * factors[i];
}

/* The values of a panel, to whole ticks; its step. */
static double find_range(struct frame *frame, const struct plot_panel *panel)
{
    frame->low = (double)INFINITY;
    frame->high = -(double)INFINITY;
    for (size_t k = 0; k < panel->n; k++)
        for (size_t i = 0; i < panel->curves[k].n; i++) {
            const struct plot_point *p = &panel->curves[k].points[i];
            if (!is_shown(frame->plot, p))
                continue;
            widen(frame, p->value);
            widen(frame, p->low);
            widen(frame, p->high);
        }
    if (!(frame->low <= frame->high))
        frame->low = 0, frame->high = 1;
    double least = 1e-6 * fmax(fabs(frame->low), fabs(frame->high));
    if (frame->high - frame->low <= least)
        frame->low -= fmax(least, 0.5), frame->high += fmax(least, 0.5);
    double step = nice_step(frame->high - frame->low);
    frame->low = floor(frame->low / step) * step;
    frame->high = ceil(frame->high / step) * step;
    return step;
}

/* ---- texts ---- */

static void put_escaped(FILE *to, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", to);
            break;
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        default:
            fputc((unsigned char)*text < ' ' ? ' ' : *text, to);
        }
}

static void put_label(FILE *to, double x, double y, const char *class, const char *text)
{
    fprintf(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
    put_escaped(to, text);
    fputs("</text>\n", to);
}

static void put_rule(FILE *to, double x1, double y1, double x2, double y2,
                     const char *class)
{
    fprintf(to, "<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", class, x1, y1, x2, y2);
}

/* ---- axes ---- */

static double time_step(double range)
{
    static const double steps[] = {1, 5, 10, 15, 30, 60, 120, 180, 360, 720};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (range / (steps[i] * MINUTE) <= TICKS_X)
            return steps[i] * MINUTE;
    static const double days[] = {1, 2, 7, 14, 30, 61, 122, 365};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (range / (days[i] * DAY) <= TICKS_X)
            return days[i] * DAY;
    return ceil(range / (TICKS_X * 365 * DAY)) * 365 * DAY;
}

/* Hours and minutes, and the date at midnight and at the beginning. */
static void put_time(FILE *to, const struct plot *plot, double time, double y, bool date)
{
    enum { DATE = 10, CLOCK = 11, MINUTES = 5 };
    char text[TIME_TEXT], label[TIME_TEXT];
    double x = x_of(plot, time), local = time + plot->zone;
    times_format(local, text);
    snprintf(label, sizeof label, "%.*s", MINUTES, text + CLOCK);
    put_label(to, x, y + 16, "tick middle", label);
    if (!date && fmod(local, DAY) > 0)
        return;
    snprintf(label, sizeof label, "%.*s", DATE, text);
    put_label(to, x, y + 31, "tick middle", label);
}

static double top_of(size_t panel)
{
    return TOP + (double)panel * PANEL + HEAD;
}

static void put_times(FILE *to, const struct plot *plot)
{
    double bottom = top_of(plot->n - 1) + INNER;
    double step = time_step(plot->to - plot->from);
    double first = ceil((plot->from + plot->zone) / step) * step - plot->zone;
    for (double t = first; t <= plot->to; t += step) {
        for (size_t i = 0; i < plot->n; i++)
            put_rule(to, x_of(plot, t), top_of(i), x_of(plot, t), top_of(i) + INNER,
                     "grid");
        put_time(to, plot, t, bottom, t <= first);
    }
}

static void put_values(FILE *to, const struct frame *frame, double step)
{
    char label[32];
    double right = WIDTH - RIGHT;
    for (long i = 0; frame->low + (double)i * step <= frame->high + step / 2; i++) {
        double value = frame->low + (double)i * step, y = y_of(frame, value);
        put_rule(to, LEFT, y, right, y, "grid");
        snprintf(label, sizeof label, "%.6g", fabs(value) < step * 1e-6 ? 0 : value);
        put_label(to, LEFT - 8, y + 4, "tick end", label);
    }
}

/* ---- curves ---- */

static bool breaks(const struct plot *plot, const struct plot_point *p)
{
    double gap = fmax(gap_least, gap_share * (plot->to - plot->from));
    return !is_shown(plot, p) || p[1].time - p->time > gap || !is_shown(plot, p + 1);
}

static void put_dots(FILE *to, const struct frame *frame, const struct plot_curve *curve)
{
    fprintf(to, "<path class=\"dots c%u\" d=\"", curve->colour % COLOURS);
    for (size_t i = 0; i < curve->n; i++)
        if (is_shown(frame->plot, &curve->points[i]))
            fprintf(to, "M%.1f %.1fh0", x_of(frame->plot, curve->points[i].time),
                    y_of(frame, curve->points[i].value));
    fputs("\"/>\n", to);
}

static void put_line(FILE *to, const struct frame *frame, const struct plot_curve *curve)
{
    bool begun = false;
    fprintf(to, "<path class=\"line%s c%u\" d=\"",
            curve->style == PLOT_DASHED ? " dashed" : "", curve->colour % COLOURS);
    for (size_t i = 0; i < curve->n; i++) {
        const struct plot_point *p = &curve->points[i];
        if (is_shown(frame->plot, p))
            fprintf(to, "%c%.1f %.1f", begun ? 'L' : 'M', x_of(frame->plot, p->time),
                    y_of(frame, p->value));
        begun = i + 1 < curve->n && !breaks(frame->plot, p);
    }
    fputs("\"/>\n", to);
}

/* Along the upper edge and back along the lower one. */
static void put_band(FILE *to, const struct frame *frame, const struct plot_curve *curve)
{
    char letter = 'M';
    for (size_t i = 0; i < 2 * curve->n; i++) {
        bool back = i >= curve->n;
        const struct plot_point *p = &curve->points[back ? 2 * curve->n - 1 - i : i];
        if (!is_shown(frame->plot, p) || !isfinite(p->low) || !isfinite(p->high))
            continue;
        if (letter == 'M')
            fprintf(to, "<path class=\"band f%u\" d=\"", curve->colour % COLOURS);
        fprintf(to, "%c%.1f %.1f", letter, x_of(frame->plot, p->time),
                y_of(frame, back ? p->low : p->high));
        letter = 'L';
    }
    if (letter == 'L')
        fputs("Z\"/>\n", to);
}

static void put_legend(FILE *to, const struct plot_panel *panel, double y)
{
    double x = WIDTH - RIGHT;
    for (size_t k = panel->n; k-- > 0;) {
        const struct plot_curve *curve = &panel->curves[k];
        x -= LETTER * (double)strlen(curve->label);
        put_label(to, x, y, "tick", curve->label);
        fprintf(to, "<path class=\"%s c%u\" d=\"M%.1f %.1fh%d\"/>\n",
                curve->style == PLOT_DOTS     ? "dots"
                : curve->style == PLOT_DASHED ? "line dashed"
                                              : "line",
                curve->colour % COLOURS, x - 22, y - 4, curve->style == PLOT_DOTS ? 0 : 16);
        x -= 34;
    }
}

static void put_panel(FILE *to, const struct plot *plot, size_t number)
{
    const struct plot_panel *panel = &plot->panels[number];
    struct frame frame = {.plot = plot, .top = top_of(number)};
    double step = find_range(&frame, panel);
    put_label(to, LEFT, frame.top - 9, "title", panel->title);
    put_legend(to, panel, frame.top - 9);
    put_values(to, &frame, step);
    for (size_t k = 0; k < panel->n; k++)
        put_band(to, &frame, &panel->curves[k]);
    for (size_t k = 0; k < panel->n; k++)
        if (panel->curves[k].style == PLOT_DOTS)
            put_dots(to, &frame, &panel->curves[k]);
        else
            put_line(to, &frame, &panel->curves[k]);
    if (plot->now >= plot->from && plot->now <= plot->to)
        put_rule(to, x_of(plot, plot->now), frame.top, x_of(plot, plot->now),
                 frame.top + INNER, "now");
}

/* ---- the whole ---- */

static const char style[] =
    "text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-weight:600}"
    ".head{font-size:15px;font-weight:600}.tick{fill:#57606a}.middle{text-anchor:middle}"
    ".end{text-anchor:end}.paper{fill:#fff}path{fill:none}"
    ".grid{stroke:#d0d7de;stroke-width:.7}.now{stroke:#57606a;stroke-dasharray:3 3}"
    ".line{stroke-width:1.6;stroke-linejoin:round}.dashed{stroke-dasharray:6 4}"
    ".dots{stroke-width:3;stroke-linecap:round}.band{fill-opacity:.18}"
    ".c0{stroke:#0969da}.c1{stroke:#bc4c00}.c2{stroke:#1a7f37}.c3{stroke:#8250df}"
    ".c4{stroke:#9a6700}.c5{stroke:#cf222e}"
    ".f0{fill:#0969da}.f1{fill:#bc4c00}.f2{fill:#1a7f37}.f3{fill:#8250df}"
    ".f4{fill:#9a6700}.f5{fill:#cf222e}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.tick{fill:#9ea7b3}"
    ".paper{fill:#0d1117}.grid{stroke:#30363d}.now{stroke:#9ea7b3}"
    ".c0{stroke:#58a6ff}.c1{stroke:#f0883e}.c2{stroke:#3fb950}.c3{stroke:#bc8cff}"
    ".c4{stroke:#d29922}.c5{stroke:#ff7b72}"
    ".f0{fill:#58a6ff}.f1{fill:#f0883e}.f2{fill:#3fb950}.f3{fill:#bc8cff}"
    ".f4{fill:#d29922}.f5{fill:#ff7b72}}";

static void put_zone(FILE *to, const struct plot *plot)
{
    char label[40];
    int minutes = (int)(fabs(plot->zone) / MINUTE), hour = (int)(HOUR / MINUTE);
    if (minutes == 0)
        snprintf(label, sizeof label, "times in UTC");
    else
        snprintf(label, sizeof label, "times in UTC%c%02d:%02d", plot->zone < 0 ? '-' : '+',
                 minutes / hour, minutes % hour);
    put_label(to, WIDTH - RIGHT, 26, "tick end", label);
}

void plot_svg_write(const struct plot *plot, FILE *to)
{
    double bottom = TOP + (double)plot->n * PANEL;
    fprintf(to,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" "
            "width=\"%d\" height=\"%.0f\">\n<style>%s</style>\n"
            "<rect class=\"paper\" width=\"100%%\" height=\"100%%\"/>\n",
            WIDTH, bottom + FOOT, WIDTH, bottom + FOOT, style);
    put_label(to, LEFT, 26, "head", plot->title);
    put_times(to, plot);
    for (size_t i = 0; i < plot->n; i++)
        put_panel(to, plot, i);
    put_zone(to, plot);
    fputs("</svg>\n", to);
}

bool plot_svg_suits(const char *path, struct err *e)
{
    static const char *const others[] = {".png", ".gif", ".jpg", ".jpeg", ".pdf"};
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending && i < sizeof others / sizeof *others; i++)
        if (strcmp(ending, others[i]) == 0)
            return err_set(e, "%s: pictures are written as SVG: name it .svg", path);
    return true;
}

bool plot_svg_save(const struct plot *plot, const char *path, struct err *e)
{
    FILE *to = fopen(path, "w");
    if (!to)
        return err_set(e, "%s can't be written: %s", path, strerror(errno));
    plot_svg_write(plot, to);
    bool failed = ferror(to) != 0;
    if (fclose(to) != 0 || failed)
        return err_set(e, "%s could not be written: %s", path, strerror(errno));
    return true;
}
