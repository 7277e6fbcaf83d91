/* Learning: what comes is compared with what was foretold, then the next one is issued. */
#include "twind/forecast_run.h"

/* All that was foretold for this moment, of what was heard since: the estimate alone comes
 * as the model foretold it. */
static void take_what_came(struct forecast_view *view, double time)
{
    const struct plan *plan = view->twin->plan;
    double issue = forecast_issue(plan);
    size_t block = forecast_day_block(plan, time);
    for (size_t a = 0; a < FORECAST_ANCHORS; a++) {
        double number = (time - forecast_lead(plan, a)) / issue;
        if (number != floor(number))
            continue;
        for (size_t i = 0; i < plan->n_sensors; i++)
            if (forecast_can_foretell(view, i) &&
                twin_sensors(view->twin)[i].used > time - forecast_lead(plan, a))
                course_come(&view->courses[i][a], number, view->now[i], block);
    }
}

/* A sensor that was heard is a feature from now on, where there is room. */
static void admit(struct forecast_view *view, size_t sensor)
{
    const struct plan *plan = view->twin->plan;
    struct forecast_head *head = view->block.head;
    bool input = plan->sensors[sensor].signal < plan->kind->n_inputs;
    unsigned char *list = input ? head->inputs : head->outputs;
    size_t n = input ? view->n_inputs : view->n_outputs, i = 0;
    while (i < n && list[i] > 0 && list[i] != sensor + 1)
        i++;
    if (i < n)
        list[i] = (unsigned char)(sensor + 1);
}

static void remember(struct forecast_view *view, double time)
{
    const struct plan *plan = view->twin->plan;
    double number = time / FORECAST_RASTER, newest = view->block.head->newest;
    for (size_t i = 0; i < plan->n_sensors; i++) {
        forecast_signal_see(&view->block.signals[i], number, newest, view->now[i],
                            3600 * plan->utc_offset);
        if (forecast_can_foretell(view, i))
            admit(view, i);
    }
    view->block.head->newest = number;
}

static void issue_output(struct forecast_run *run, size_t sensor, size_t anchor)
{
    struct forecast_view *view = &run->work->view;
    const struct plan *plan = view->twin->plan;
    float features[COURSE_FEATURES_MOST];
    double made = view->made, time = made + forecast_lead(plan, anchor), sd;
    size_t output = plan->sensors[sensor].signal - plan->kind->n_inputs;
    double model = forecast_run_output(run, output, &sd), noise = plan->sensors[sensor].sd;
    double now = view->now[sensor];
    struct course *course = &view->courses[sensor][anchor];
    forecast_features(view, sensor, time, model, twin_u(&run->copy), 1, features);
    double change = forecast_change(view, sensor, time, features);
    double spread = isfinite(sd) ? sqrt(sd * sd + noise * noise) : noise;
    if (isfinite(change))
        course_issue(course, made / forecast_issue(plan),
                     forecast_coefficients(view, sensor, anchor), features, now,
                     forecast_confine(view, sensor, now + change),
                     course_sd(course, forecast_day_block(plan, time), spread));
}

static void issue_input(struct forecast_view *view, size_t sensor, size_t anchor)
{
    const struct plan *plan = view->twin->plan;
    float features[COURSE_FEATURES_MOST];
    double time = view->made + forecast_lead(plan, anchor), now = view->now[sensor];
    forecast_own_features(view, sensor, time, features);
    course_issue(&view->courses[sensor][anchor], view->made / forecast_issue(plan),
                 forecast_coefficients(view, sensor, anchor), features, now, now, 0);
}

static void issue(struct forecast_work *work, const struct twin *twin)
{
    const struct plan *plan = twin->plan;
    struct forecast_view *view = &work->view;
    const struct forecast_request request = {.made = view->made};
    struct forecast_run run = {.work = work, .request = &request};
    forecast_view_solve(view);
    forecast_run_begin(&run, twin);
    for (size_t a = 0; a < FORECAST_ANCHORS; a++) {
        forecast_run_to(&run, view->made + forecast_lead(plan, a));
        forecast_run_follow(&run);
        for (size_t i = 0; i < plan->n_sensors; i++) {
            if (!forecast_can_foretell(view, i))
                continue;
            if (plan->sensors[i].signal < plan->kind->n_inputs)
                issue_input(view, i, a);
            else
                issue_output(&run, i, a);
        }
    }
}

void forecast_learn(struct forecast_work *work, struct twin *twin, double time,
                    forecast_known *known, void *context)
{
    struct forecast_view *view = &work->view;
    forecast_view(view, twin, time, work->scratch);
    if (!view->block.head)
        return;
    view->known = known;
    view->context = context;
    forecast_heed_params(twin);
    take_what_came(view, time);
    remember(view, time);
    if (fmod(time, forecast_issue(twin->plan)) == 0)
        issue(work, twin);
}

/* The anchor whose lead is nearest. */
static size_t nearest(const struct plan *plan, double lead)
{
    size_t best = 0;
    for (size_t a = 1; a < FORECAST_ANCHORS; a++)
        if (fabs(forecast_lead(plan, a) - lead) < fabs(forecast_lead(plan, best) - lead))
            best = a;
    return best;
}

bool forecast_skill(const struct twin *twin, size_t output, double lead,
                    struct forecast_skill *skill)
{
    const struct plan *plan = twin->plan;
    struct course courses[FORECAST_SENSORS][FORECAST_ANCHORS];
    if (!(plan->forecast.every > 0))
        return false;
    forecast_courses(twin, courses);
    for (size_t i = 0; i < plan->n_sensors; i++) {
        if (plan->sensors[i].signal != plan->kind->n_inputs + output ||
            !forecast_has_course(plan, i))
            continue;
        const struct course_record *r = courses[i][nearest(plan, lead)].record;
        *skill =
            (struct forecast_skill){sqrt((double)r->square), sqrt((double)r->persistence),
                                    (double)r->within, (double)r->n};
        return r->n > 0;
    }
    return false;
}
