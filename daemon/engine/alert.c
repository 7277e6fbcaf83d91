#include "twind/alert.h"

#include "twind/times.h"

#include <math.h>
#include <string.h>

/* Flapping as in monitoring practice (Nagios): the share of changes in the last 21 samples,
 * entered above one half, left below one quarter. */
enum { FLAP_SAMPLES = 21, FLAP_ENTER = 11, FLAP_LEAVE = 5 };

const char *severity_name(enum severity severity)
{
    static const char *const names[SEVERITY_COUNT] = {"info", "warning", "critical"};
    return names[severity];
}

const char *alert_state_name(enum alert_state state)
{
    static const char *const names[] = {"normal", "pending", "active"};
    return names[state];
}

static unsigned bits_set(uint32_t bits)
{
    unsigned n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

static void watch_flapping(struct alert *alert, bool changed)
{
    uint32_t mask = (UINT32_C(1) << FLAP_SAMPLES) - 1;
    alert->changes = ((alert->changes << 1) | changed) & mask;
    unsigned changes = bits_set(alert->changes);
    if (changes >= FLAP_ENTER)
        alert->flapping = 1;
    else if (changes <= FLAP_LEAVE)
        alert->flapping = 0;
}

static bool enter(struct alert *alert, enum alert_state state, double time)
{
    if (state == ALERT_ACTIVE)
        alert->acknowledged = 0;
    alert->state = (uint8_t)state;
    alert->since = time;
    alert->down_since = 0;
    alert->transitions++;
    return true;
}

static bool go_up(struct alert *alert, const struct alert_policy *policy, double time)
{
    if (alert->state == ALERT_ACTIVE) {
        alert->down_since = 0;
        return false;
    }
    bool begins = alert->state == ALERT_NORMAL;
    if (begins)
        alert->raised++;
    if (begins || alert->pending_since == 0)
        alert->pending_since = time;
    if (time - alert->pending_since >= policy->delay)
        return enter(alert, ALERT_ACTIVE, time);
    return begins && enter(alert, ALERT_PENDING, time);
}

static bool go_down(struct alert *alert, const struct alert_policy *policy, double time)
{
    alert->pending_since = 0;
    if (alert->state == ALERT_NORMAL)
        return false;
    if (alert->state == ALERT_PENDING)
        return enter(alert, ALERT_NORMAL, time);
    if (alert->down_since == 0)
        alert->down_since = time;
    if (alert->flapping || time - alert->down_since < policy->keep)
        return false;
    return enter(alert, ALERT_NORMAL, time);
}

/* Without data no delay runs on: it must be seen through with data. */
static void stand_still(struct alert *alert)
{
    alert->pending_since = 0;
    alert->down_since = 0;
}

static enum rule_answer settle(const struct alert *alert, const struct alert_policy *policy,
                               enum rule_answer answer, bool suppressed)
{
    if (answer == RULE_UNKNOWN && policy->no_data != ALERT_NO_DATA_HOLD)
        answer = policy->no_data == ALERT_NO_DATA_ALERT ? RULE_UP : RULE_DOWN;
    if (answer == RULE_BETWEEN)
        answer = alert->up ? RULE_UP : RULE_DOWN;
    if (suppressed && answer == RULE_UP)
        answer = RULE_DOWN;
    return answer;
}

/* A worse or a milder level of an alert that is up: told, and a worse one is to be
 * acknowledged anew. */
static bool change_severity(struct alert *alert, uint8_t severity)
{
    if (alert->state == ALERT_NORMAL || alert->severity == severity) {
        alert->severity = severity;
        return false;
    }
    if (severity > alert->severity)
        alert->acknowledged = 0;
    alert->severity = severity;
    alert->transitions += alert->state == ALERT_ACTIVE;
    return alert->state == ALERT_ACTIVE;
}

static bool end_shelving(struct alert *alert, double time)
{
    if (alert->shelved_until == 0 || time < alert->shelved_until)
        return false;
    alert->shelved_until = 0;
    alert->transitions++;
    return true;
}

bool alert_step(struct alert *alert, const struct alert_policy *policy,
                const struct rule_verdict *verdict, bool suppressed, bool sample,
                double sample_time, double time)
{
    bool told = end_shelving(alert, time);
    enum rule_answer answer = settle(alert, policy, verdict->answer, suppressed);
    if (answer == RULE_UNKNOWN) {
        stand_still(alert);
        return told;
    }
    bool up = answer == RULE_UP;
    if (sample)
        watch_flapping(alert, alert->seen && up != alert->up);
    alert->up = up;
    alert->seen = 1;
    alert->value = verdict->value;
    alert->when = verdict->when;
    if (!isnan(verdict->limit) || alert->state == ALERT_NORMAL)
        alert->limit = verdict->limit; /* else the one that raised it */
    alert->sample_time = isnan(sample_time) ? 0 : sample_time;
    if (!up)
        return go_down(alert, policy, time) || told;
    told = change_severity(alert, (uint8_t)verdict->severity) || told;
    return go_up(alert, policy, time) || told;
}

double alert_deadline(const struct alert *alert, const struct alert_policy *policy)
{
    double deadline = alert->shelved_until > 0 ? alert->shelved_until : (double)INFINITY;
    if (alert->state == ALERT_PENDING && alert->pending_since > 0)
        deadline = fmin(deadline, alert->pending_since + policy->delay);
    if (alert->state == ALERT_ACTIVE && alert->down_since > 0 && !alert->flapping)
        deadline = fmin(deadline, alert->down_since + policy->keep);
    return deadline;
}

static bool acknowledge(struct alert *alert, struct err *e)
{
    if (alert->state != ALERT_ACTIVE)
        return err_set(e, "there is nothing to acknowledge: the alert is %s",
                       alert_state_name((enum alert_state)alert->state));
    if (alert->acknowledged)
        return err_set(e, "it is acknowledged already");
    alert->acknowledged = 1;
    return true;
}

static bool shelve(struct alert *alert, const char *how_long, double time, struct err *e)
{
    double seconds;
    if (!times_parse_duration(how_long, &seconds) || seconds <= 0)
        return err_set(e, "shelve needs a duration such as 30m or 1h, not '%s'", how_long);
    alert->shelved_until = time + seconds;
    return true;
}

static bool unshelve(struct alert *alert, struct err *e)
{
    if (alert->shelved_until == 0)
        return err_set(e, "it is not shelved");
    alert->shelved_until = 0;
    return true;
}

bool alert_command(struct alert *alert, const char *command, double time, struct err *e)
{
    bool done;
    if (strcmp(command, "ack") == 0)
        done = acknowledge(alert, e);
    else if (strncmp(command, "shelve ", 7) == 0)
        done = shelve(alert, command + 7, time, e);
    else if (strcmp(command, "unshelve") == 0)
        done = unshelve(alert, e);
    else
        return err_set(e, "'%.40s' is no command: ack, shelve DURATION or unshelve",
                       command);
    if (done)
        alert->transitions++;
    return done;
}
