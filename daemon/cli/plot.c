/* twinctl plot: a picture of any signals in a history. */
#include "plot_svg.h"

#include "twind/cli.h"
#include "twind/history_read.h"

#include <math.h>
#include <string.h>

enum { SIGNALS = PLOT_PANELS };

/* Up to so long a time is drawn as it was stored, or of means of hours. */
static const double RAW = 4 * 86400.0, HOURS = 150 * 86400.0, DAY = 86400;

struct request {
    const char *history, *twin, *from, *to, *out;
    const char *signals[SIGNALS];
    char units[SIGNALS][HISTORY_READ_UNIT];
    size_t n;
};

static bool add_signal(void *context, const char *value, struct err *e)
{
    struct request *request = context;
    if (request->n == SIGNALS)
        return err_set(e, "at most %d signals", SIGNALS);
    request->signals[request->n++] = value;
    return true;
}

/* A day up to the newest value, where nothing else is said. */
static bool choose_times(const struct request *request, double newest, struct plot *plot,
                         struct err *e)
{
    if (!cli_time_option("--to", request->to, newest, &plot->to, e) ||
        !cli_time_option("--from", request->from, plot->to - DAY, &plot->from, e))
        return false;
    return plot->from < plot->to ||
           err_set(e, "--from must be before --to (or before the newest value)");
}

static bool find_signals(struct request *request, struct history_read *reader,
                         double *newest, struct err *e)
{
    *newest = -(double)INFINITY;
    for (size_t i = 0; i < request->n; i++) {
        double last;
        if (!history_read_find(reader, request->twin, request->signals[i],
                               request->units[i], &last, e))
            return false;
        *newest = fmax(*newest, last);
    }
    return isfinite(*newest) || err_set(e, "the history holds no value of these");
}

static void take_point(void *context, const struct history_read_point *p)
{
    plot_add_point(context, &(struct plot_point){p->time, p->value, p->low, p->high});
}

static bool draw_curve(const struct request *request, struct history_read *reader,
                       const struct plot *plot, size_t signal, enum history_read_what what,
                       struct err *e)
{
    bool dots = what == HISTORY_READ_READINGS;
    static const char *const labels[] = {[HISTORY_READ_READINGS] = "measured",
                                         [HISTORY_READ_STATES] = "estimate, 90 %",
                                         [HISTORY_READ_HOURS] = "means of hours",
                                         [HISTORY_READ_DAYS] = "means of days"};
    struct plot_panel *panel = &plot->panels[signal];
    struct plot_curve *curve =
        plot_add_curve(panel, labels[what], dots ? PLOT_DOTS : PLOT_LINE, dots);
    const struct history_read_points points = {request->twin, request->signals[signal],
                                               what, plot->from, plot->to};
    bool done = history_read_points(reader, &points, take_point, curve, e);
    if (curve->n == 0)
        panel->n--;
    return done;
}

/* Estimate and readings, or the means of a long time. */
static bool draw_signal(const struct request *request, struct history_read *reader,
                        struct plot *plot, size_t i, struct err *e)
{
    double range = plot->to - plot->from;
    plot_add_panel(plot, request->signals[i], request->units[i]);
    if (range > RAW)
        return draw_curve(request, reader, plot, i,
                          range > HOURS ? HISTORY_READ_DAYS : HISTORY_READ_HOURS, e);
    return draw_curve(request, reader, plot, i, HISTORY_READ_STATES, e) &&
           draw_curve(request, reader, plot, i, HISTORY_READ_READINGS, e);
}

static bool draw(struct request *request, struct history_read *reader, struct plot *plot,
                 struct err *e)
{
    double newest;
    if (!find_signals(request, reader, &newest, e) ||
        !choose_times(request, newest, plot, e))
        return false;
    snprintf(plot->title, sizeof plot->title, "%s", request->twin);
    for (size_t i = 0; i < request->n; i++)
        if (!draw_signal(request, reader, plot, i, e))
            return false;
    plot_thin(plot);
    return true;
}

static int run_with(struct request *request)
{
    struct err e;
    struct plot plot = {.now = (double)NAN};
    struct history_read *reader = history_read_open(request->history, &e);
    int status = CLI_OK;
    if (!reader)
        return cli_fail(&cli_plot, CLI_RESOURCE, "%s", e.text);
    if (!draw(request, reader, &plot, &e))
        status = cli_fail(&cli_plot, CLI_INPUT, "%s", e.text);
    else if (!plot_svg_save(&plot, request->out, &e))
        status = cli_fail(&cli_plot, CLI_RESOURCE, "%s", e.text);
    history_read_close(reader);
    plot_clear(&plot);
    return status;
}

static int run(int argc, char **argv)
{
    struct request request = {.n = 0};
    const struct cli_option options[] = {
        {.name = "--history", .value = &request.history},
        {.name = "--twin", .value = &request.twin},
        {.name = "--signal", .each = add_signal, .context = &request},
        {.name = "--from", .value = &request.from},
        {.name = "--to", .value = &request.to},
        {.name = "-o", .value = &request.out},
        {.name = NULL},
    };
    if (cli_options(argc, argv, options) != 0 || !request.history || !request.twin ||
        request.n == 0 || !request.out)
        return cli_usage(&cli_plot);
    struct err e;
    return plot_svg_suits(request.out, &e) ? run_with(&request)
                                           : cli_fail(&cli_plot, CLI_INPUT, "%s", e.text);
}

const struct cli_verb cli_plot = {"plot",
                                  "--history DB --twin T --signal S [--signal S ..] "
                                  "[--from TIME] [--to TIME] -o OUT.svg",
                                  "a picture of signals in a history", run};
