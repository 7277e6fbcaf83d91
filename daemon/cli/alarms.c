/* twinctl alarms: how the alerts of a history do as an alarm system. */
#include "alarm_past.h"
#include "alarm_verdict.h"
#include "plot_svg.h"

#include "twind/cli.h"
#include "twind/history_alarms.h"
#include "twind/text.h"
#include "twind/times.h"

#include <math.h>
#include <string.h>

enum { SHOWN = 10, NAME = 44 };
static const double DAY = 86400, HOUR = 3600;
static const double USUAL_DAYS = 30;  /* without --from */
static const double PLOT_BY_HOUR = 8; /* days, up to which a picture counts by the hour */

struct request {
    const char *history, *twin, *from, *to, *plot;
    bool json;
    struct alarm_log log;
    struct alarm_figures figures;
};

/* The last 30 days that the history holds, where nothing else is said. */
static bool choose_times(const struct request *request, struct history_read *reader,
                         double *from, double *to, struct err *e)
{
    double first, last;
    if (!history_alarms_extent(reader, &first, &last, e))
        return false;
    if (isnan(last))
        return err_set(e, "%s holds nothing", request->history);
    if (!cli_time_option("--to", request->to, last, to, e) ||
        !cli_time_option("--from", request->from, fmax(first, *to - USUAL_DAYS * DAY), from,
                         e))
        return false;
    return *from < *to ||
           err_set(e, "--from must be before --to (or before the newest value)");
}

/* ---- for people ---- */

static void put_value(const struct alarm_measure *m, char *to, size_t size)
{
    char duration[TIME_TEXT];
    if (isnan(m->value))
        snprintf(to, size, "-");
    else if (m->unit == ALARM_SHARE)
        snprintf(to, size, "%.3g %%", 100 * m->value);
    else if (m->unit == ALARM_SECONDS)
        snprintf(to, size, "%s", times_format_about(m->value, duration));
    else
        snprintf(to, size, "%.4g", m->value);
}

static void print_measures(const struct alarm_measure *measures)
{
    char value[40];
    printf("\n%-32s %9s  %-18s %s\n", "measure", "value", "benchmark", "verdict");
    for (int i = 0; i < ALARM_MEASURES; i++) {
        put_value(&measures[i], value, sizeof value);
        printf("%-32s %9s  %-18s %s\n", measures[i].name, value,
               *measures[i].benchmark ? measures[i].benchmark : "-",
               *measures[i].verdict ? measures[i].verdict : "-");
    }
}

static void print_tally(const struct request *request, const struct alarm_tally *tally)
{
    const struct alarm_figures *f = &request->figures;
    const struct alarm_source *source = &request->log.sources[tally->source];
    char name[NAME], longest[TIME_TEXT];
    snprintf(name, sizeof name, "%s.%s", source->twin, source->rule);
    times_format_about(tally->longest, longest);
    printf("%-*s %6zu %6.1f %% %6.1f %% %9s %8zu %8zu\n", NAME - 1, name, tally->raised,
           f->alarms ? 100 * (double)tally->raised / (double)f->alarms : 0,
           100 * tally->active / (f->to - f->from), longest, tally->chatter,
           tally->fleeting);
}

static void print_tallies(const struct request *request)
{
    const struct alarm_figures *f = &request->figures;
    if (f->n_tallies == 0)
        return;
    printf("\n%-*s %6s %8s %8s %9s %8s %8s\n", NAME - 1, "most frequent", "alarms", "share",
           "active", "longest", "chatter", "fleeting");
    for (size_t i = 0; i < f->n_tallies && i < SHOWN; i++)
        print_tally(request, &f->tallies[i]);
}

static void print_standing(const struct request *request)
{
    const struct alarm_figures *f = &request->figures;
    char since[TIME_TEXT], how_long[TIME_TEXT];
    bool first = true;
    for (size_t i = 0; i < f->n_tallies; i++) {
        double up = f->to - f->tallies[i].standing_since;
        const struct alarm_source *source = &request->log.sources[f->tallies[i].source];
        if (!(up > DAY))
            continue;
        if (first)
            printf("\nstanding at the end\n");
        first = false;
        printf("%s.%s since %s (%s)\n", source->twin, source->rule,
               times_format(f->tallies[i].standing_since, since),
               times_format_about(up, how_long));
    }
}

static void print_all(const struct request *request, const struct alarm_measure *measures)
{
    const struct alarm_figures *f = &request->figures;
    char from[TIME_TEXT], to[TIME_TEXT], at[TIME_TEXT];
    printf("%s to %s: %.3g days, %zu alarms of %zu rules\n", times_format(f->from, from),
           times_format(f->to, to), (f->to - f->from) / DAY, f->alarms, f->n_tallies);
    print_measures(measures);
    if (f->floods > 0)
        printf("\n%zu floods; most alarms from %s on\n", f->floods,
               times_format(f->most_ten_at, at));
    print_tallies(request);
    print_standing(request);
}

/* ---- for programs ---- */

static void put_member(struct text *to, const char *name, double number)
{
    enum { DIGITS = 6 };
    text_put(to, ",\"%s\":", name);
    text_number(to, number, DIGITS);
}

static void put_time_member(struct text *to, const char *name, double time)
{
    char text[TIME_TEXT];
    if (isfinite(time))
        text_put(to, ",\"%s\":\"%s\"", name, times_format(time, text));
    else
        text_put(to, ",\"%s\":null", name);
}

static void put_tally(struct text *to, const struct request *request,
                      const struct alarm_tally *tally)
{
    const struct alarm_source *source = &request->log.sources[tally->source];
    text_put(to, "{\"twin\":");
    text_quoted(to, source->twin);
    text_put(to, ",\"rule\":");
    text_quoted(to, source->rule);
    put_member(to, "alarms", (double)tally->raised);
    put_member(to, "active_share",
               tally->active / (request->figures.to - request->figures.from));
    put_member(to, "longest_s", tally->longest);
    put_member(to, "chatter", (double)tally->chatter);
    put_member(to, "fleeting", (double)tally->fleeting);
    put_time_member(to, "standing_since", tally->standing_since);
    text_put(to, "}");
}

static void put_measures(struct text *to, const struct alarm_measure *measures)
{
    text_put(to, ",\"measures\":{");
    for (int i = 0; i < ALARM_MEASURES; i++) {
        text_put(to, "%s\"%s\":{\"verdict\":", i > 0 ? "," : "", measures[i].key);
        if (*measures[i].verdict)
            text_quoted(to, measures[i].verdict);
        else
            text_put(to, "null");
        put_member(to, "value", measures[i].value);
        text_put(to, "}");
    }
    text_put(to, "}");
}

static void print_json(const struct request *request, const struct alarm_measure *measures)
{
    const struct alarm_figures *f = &request->figures;
    struct text text = {.used = 0};
    text_put(&text, "{\"history\":");
    text_quoted(&text, request->history);
    put_time_member(&text, "from", f->from);
    put_time_member(&text, "to", f->to);
    put_member(&text, "alarms", (double)f->alarms);
    put_member(&text, "floods", (double)f->floods);
    put_time_member(&text, "most_in_ten_minutes_at", f->most_ten_at);
    put_measures(&text, measures);
    text_put(&text, ",\"rules\":[");
    for (size_t i = 0; i < f->n_tallies; i++) {
        text_put(&text, "%s", i > 0 ? "," : "");
        put_tally(&text, request, &f->tallies[i]);
    }
    text_put(&text, "]}");
    puts(text.at);
    text_free(&text);
}

/* ---- as a picture ---- */

static bool draw(const struct request *request, struct err *e)
{
    const struct alarm_figures *f = &request->figures;
    bool hourly = f->to - f->from <= PLOT_BY_HOUR * DAY;
    double width = hourly ? HOUR : DAY;
    struct plot plot = {.from = f->from, .to = f->to, .now = (double)NAN};
    snprintf(plot.title, sizeof plot.title, "%s", request->twin ? request->twin : "alarms");
    struct plot_panel *panel =
        plot_add_panel(&plot, hourly ? "alarms an hour" : "alarms a day", "");
    struct plot_curve *curve = plot_add_curve(panel, "alarms", PLOT_LINE, 0);
    size_t n = (size_t)ceil((f->to - f->from) / width), span = 0;
    for (size_t i = 0; i < n; i++) {
        double end = f->from + (double)(i + 1) * width, count = 0;
        for (; span < request->log.n_spans && request->log.spans[span].from < end; span++)
            count += request->log.spans[span].from >= f->from;
        plot_add_point(curve, &(struct plot_point){end - width / 2, count, NAN, NAN});
    }
    bool done = plot_svg_save(&plot, request->plot, e);
    plot_clear(&plot);
    return done;
}

/* ---- wiring ---- */

static bool check_twin(const struct request *request, struct history_read *reader,
                       struct err *e)
{
    bool known = true;
    if (request->twin && !history_alarms_know(reader, request->twin, &known, e))
        return false;
    return known ||
           err_set(e, "%s holds nothing of a twin '%s'", request->history, request->twin);
}

static bool look(struct request *request, struct history_read *reader, struct err *e)
{
    double from, to;
    if (!choose_times(request, reader, &from, &to, e) || !check_twin(request, reader, e) ||
        !alarm_past_read(reader, request->twin, NULL, to, &request->log, e))
        return false;
    request->figures = alarm_figures_of(&request->log, from, to);
    return true;
}

static int tell(const struct request *request)
{
    struct err e;
    struct alarm_measure measures[ALARM_MEASURES];
    alarm_verdict_all(&request->figures, measures);
    if (request->json)
        print_json(request, measures);
    else
        print_all(request, measures);
    if (request->plot && !draw(request, &e))
        return cli_fail(&cli_alarms, CLI_RESOURCE, "%s", e.text);
    return CLI_OK;
}

static int run_with(struct request *request)
{
    struct err e;
    struct history_read *reader = history_read_open(request->history, &e);
    if (!reader)
        return cli_fail(&cli_alarms, CLI_RESOURCE, "%s", e.text);
    int status = look(request, reader, &e) ? tell(request)
                                           : cli_fail(&cli_alarms, CLI_INPUT, "%s", e.text);
    history_read_close(reader);
    alarm_figures_free(&request->figures);
    alarm_log_free(&request->log);
    return status;
}

static int run(int argc, char **argv)
{
    struct request request = {.json = false};
    struct err e;
    const struct cli_option options[] = {
        {.name = "--history", .value = &request.history},
        {.name = "--twin", .value = &request.twin},
        {.name = "--from", .value = &request.from},
        {.name = "--to", .value = &request.to},
        {.name = "--plot", .value = &request.plot},
        {.name = "--json", .flag = &request.json},
        {.name = NULL},
    };
    if (cli_options(argc, argv, options) != 0 || !request.history)
        return cli_usage(&cli_alarms);
    if (request.plot && !plot_svg_suits(request.plot, &e))
        return cli_fail(&cli_alarms, CLI_INPUT, "%s", e.text);
    return run_with(&request);
}

const struct cli_verb cli_alarms = {"alarms",
                                    "--history DB [--twin T] [--from TIME] [--to TIME] "
                                    "[--plot OUT.svg] [--json]",
                                    "how the alerts do as an alarm system", run};
