/* Every key of twind.json: one row each. */
#include "twind/config_tables.h"

#include "twind/config_url.h"
#include "twind/flood.h"
#include "twind/forecast.h"
#include "twind/motion.h"
#include "twind/route.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MINUTE 60.0
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define MEBIBYTE 1048576.0

#define ID_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

enum { ID_MAX = 200, TEXT_MAX = 1024, CLIENT_ID_MAX = 128 };

/* -- checks of texts -- */

bool config_check_id(const char *text, struct err *e)
{
    size_t n = strlen(text);
    if (n == 0 || n > ID_MAX || strspn(text, ID_CHARS) != n)
        return err_set(e,
                       "\"%s\" is no id; allowed: 1 to %d letters A-Z a-z, digits, _ "
                       "and -",
                       text, ID_MAX);
    return true;
}

/* As an id, with {names} of lower-case letters, digits and _ in it. */
static bool check_twin_id(const char *text, struct err *e)
{
    char plain[ID_MAX + 2];
    size_t n = 0;
    for (const char *at = text; *at && n <= ID_MAX; at++) {
        size_t name = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
        bool named = *at == '{' && name > 0 && at[1 + name] == '}';
        plain[n++] = named ? 'x' : *at;
        at += named ? name + 1 : 0;
    }
    plain[n] = '\0';
    if (config_check_id(plain, e))
        return true;
    return err_set(e,
                   "\"%s\" is no id; allowed: 1 to %d letters A-Z a-z, digits, _ and -, "
                   "and for a fleet the names of levels as {name}",
                   text, ID_MAX);
}

bool config_check_text(const char *text, struct err *e)
{
    size_t n = strlen(text);
    if (n == 0 || n > TEXT_MAX)
        return err_set(e, "the text must have 1 to %d characters", TEXT_MAX);
    return true;
}

static bool check_client_id(const char *text, struct err *e)
{
    size_t n = strlen(text);
    if (n == 0 || n > CLIENT_ID_MAX || strspn(text, ID_CHARS "./:@") != n)
        return err_set(e,
                       "\"%s\" is no client id; allowed: 1 to %d letters, digits and "
                       "_ - . / : @",
                       text, CLIENT_ID_MAX);
    return true;
}

static bool check_url(const char *text, struct err *e)
{
    struct config_url url;
    return config_url_read(text, &url, e);
}

static bool check_prefix(const char *text, struct err *e)
{
    size_t n = strlen(text);
    if (n == 0 || n > 200 || strpbrk(text, "+#{}") || text[0] == '/' || text[0] == '$' ||
        text[n - 1] == '/')
        return err_set(e,
                       "\"%s\" is no topic prefix; it must be a topic of 1 to 200 "
                       "characters without + # { }, not beginning with / or $, not ending "
                       "with /",
                       text);
    return true;
}

static bool check_pointer(const char *text, struct err *e)
{
    struct json_pointer *pointer = json_pointer_new(text, e);
    json_pointer_free(pointer);
    return pointer != NULL;
}

static bool check_integrator(const char *text, struct err *e)
{
    if (strcmp(text, "adaptive") != 0)
        return true;
    return err_set(e, "adaptive is for twinctl simulate alone, for its cost has no bound; "
                      "auto, rk4, euler and rosenbrock are for twins");
}

/* -- the root -- */

#define CONFIG(field) offsetof(struct config, field)

static const char *const protocols[] = {"3.1.1", "5", NULL};
static const char *const clocks[] = {"wall", "event", NULL};

static const struct config_key broker_keys[] = {
    {"url", CONFIG_TEXT, CONFIG(broker.url), "mqtt://127.0.0.1:1883", .check = check_url,
     .help =
         "The broker: mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS. The port is 1883, "
         "with TLS 8883, where none is given"},
    {"client_id", CONFIG_TEXT, CONFIG(broker.client_id), "twind", .check = check_client_id,
     .help = "Our name at the broker, which keeps our session under it; unique"},
    {"protocol", CONFIG_EITHER, CONFIG(broker.version5), "3.1.1", .words = protocols,
     .help = "The version of MQTT"},
    {"username", CONFIG_TEXT, CONFIG(broker.username), .help = "None: anonymous"},
    {"password_file", CONFIG_TEXT, CONFIG(broker.password_file),
     .help = "A file that holds the password, and only that. A relative path is looked up "
             "in $CREDENTIALS_DIRECTORY, then beside the configuration"},
    {"ca_file", CONFIG_TEXT, CONFIG(broker.ca_file),
     .help = "With TLS: certificates (PEM) that the broker's must be signed by. Looked up "
             "as password_file"},
    {"cert_file", CONFIG_TEXT, CONFIG(broker.cert_file),
     .help = "With TLS: our own certificate (PEM), where the broker asks for one"},
    {"key_file", CONFIG_TEXT, CONFIG(broker.key_file),
     .help = "With TLS: the key (PEM) of cert_file"},
    {"keepalive", CONFIG_DURATION, CONFIG(broker.keepalive), "60s", 1, 65535,
     .help = "A link that is silent for longer is dead"},
    {"session_expiry", CONFIG_DURATION, CONFIG(broker.session_expiry), "1d", 0, 4294967294,
     .help = "MQTT 5: how long the broker keeps messages for us while we are away"},
};

static const struct config_key history_keys[] = {
    {"file", CONFIG_TEXT, CONFIG(history.file), "history.db", .check = config_check_text,
     .help = "The SQLite database; a relative path is looked up in state_dir"},
    {"raw", CONFIG_DURATION, CONFIG(history.raw), "30d", HOUR, 1000 * YEAR,
     .help = "How long readings and states are kept"},
    {"minutes", CONFIG_DURATION, CONFIG(history.minutes), "1y", HOUR, 1000 * YEAR,
     .help = "How long the means of minutes are kept"},
    {"hours", CONFIG_DURATION, CONFIG(history.hours), "10y", HOUR, 1000 * YEAR,
     .help = "How long the means of hours are kept"},
    {"states", CONFIG_DURATION, CONFIG(history.states), "1m", 0.1, INFINITY,
     .help = "How often a twin's estimate is stored; \"never\": not at all"},
    {"commit", CONFIG_DURATION, CONFIG(history.commit), "50ms", 0.001, 60,
     .help = "The longest time that a row waits to be committed; what a power loss may "
             "cost"},
};

static const struct config_key publish_keys[] = {
    {"interval", CONFIG_DURATION, CONFIG(publish.interval), "1s", 0, DAY,
     .help = "The least time between two states published of one twin"},
    {"rate", CONFIG_NUMBER, CONFIG(publish.rate), "200", 0.01, 1e6, "1/s",
     .help = "The most states published a second, over all twins"},
};

static const struct config_key inbox_keys[] = {
    {"size", CONFIG_SIZE, CONFIG(inbox_bytes), "64MiB", MEBIBYTE, 4096 * MEBIBYTE,
     .help = "The file that holds messages until the history has them; a minute of peak "
             "load should fit"},
};

static const struct config_key flood_keys[] = {
    {"alerts", CONFIG_COUNT, CONFIG(flood.alerts), "10", 0, FLOOD_ALERTS_MAX,
     .help = "So many alerts that become active within the time are a flood; 0: none is "
             "looked for"},
    {"within", CONFIG_DURATION, CONFIG(flood.within), "10m", 1, DAY,
     .help = "The time; a flood lasts until fewer than half as many become active in it"},
};

static const struct config_key http_keys[] = {
    {"listen", CONFIG_TEXT, CONFIG_NOWHERE, .check = config_check_text},
    {"token_file", CONFIG_TEXT, CONFIG_NOWHERE, .help = "A file with the token"},
};

static const struct config_key discovery_keys[] = {
    {"discovery", CONFIG_BOOL, CONFIG_NOWHERE, .help = "Whether twins are told"},
    {"prefix", CONFIG_TEXT, CONFIG_NOWHERE, .check = check_prefix},
};

static const struct config_table broker_table = CONFIG_TABLE(broker_keys);
static const struct config_table history_table = CONFIG_TABLE(history_keys);
static const struct config_table publish_table = CONFIG_TABLE(publish_keys);
static const struct config_table inbox_table = CONFIG_TABLE(inbox_keys);
static const struct config_table flood_table = CONFIG_TABLE(flood_keys);
static const struct config_table http_table = CONFIG_TABLE(http_keys);
static const struct config_table discovery_table = CONFIG_TABLE(discovery_keys);

#define TWINS_HELP "The twins; more may stand in twins.d/*.json beside the configuration"

static const struct config_key root_keys[] = {
    {"broker", CONFIG_OBJECT, .of = &broker_table, .help = "The link to the MQTT broker"},
    {"topic_prefix", CONFIG_TEXT, CONFIG(topic_prefix), "twind", .check = check_prefix,
     .help = "What all our own topics begin with"},
    {"clock", CONFIG_EITHER, CONFIG(event_clock), "wall", .words = clocks,
     .help = "\"wall\": time is now. \"event\": time is what the messages say, for "
             "recordings that are played through a broker"},
    {"state_dir", CONFIG_TEXT, CONFIG(state_dir), .check = config_check_text,
     .help = "Where inbox and history live. Default: $STATE_DIRECTORY, else "
             "/var/lib/twind"},
    {"step", CONFIG_DURATION, CONFIG(step), "10s", 0.1, DAY,
     .help = "How often a twin is advanced when nothing arrives"},
    {"history", CONFIG_OBJECT, .of = &history_table, .help = "What is kept, and how long"},
    {"publish", CONFIG_OBJECT, .of = &publish_table, .help = "How often states are told"},
    {"inbox", CONFIG_OBJECT, .of = &inbox_table, .help = "Messages not yet in the history"},
    {"flood", CONFIG_OBJECT, .of = &flood_table, .flags = CONFIG_NULLABLE,
     .help = "When many alerts have become one event, and later ones name the first as "
             "their cause. null: never"},
    {"commission", CONFIG_BOOL, CONFIG(commission), "true",
     .help =
         "Whether each twin's first two days are looked at for mistakes of wiring (units, "
         "signs, exchanged sensors, clocks); what is found is logged and told on "
         "TWIN/commission"},
    {"http", CONFIG_OBJECT, CONFIG_NOWHERE, .of = &http_table,
     .flags = CONFIG_NULLABLE | CONFIG_SOON,
     .help = "this version has no dashboard: /http is checked but does nothing"},
    {"home_assistant", CONFIG_OBJECT, CONFIG_NOWHERE, .of = &discovery_table,
     .flags = CONFIG_NULLABLE | CONFIG_SOON,
     .help = "this version has no Home Assistant discovery: /home_assistant is checked but "
             "does nothing"},
    {"twins", CONFIG_LATER_LIST, CONFIG_NOWHERE, .help = TWINS_HELP},
};

static const struct config_key dropin_keys[] = {
    {"twins", CONFIG_LATER_LIST, CONFIG_NOWHERE, .flags = CONFIG_REQUIRED,
     .help = "a list of twins"},
};

const struct config_table config_root_table = CONFIG_TABLE(root_keys);
const struct config_table config_dropin_table = CONFIG_TABLE(dropin_keys);

/* -- a twin -- */

#define TWIN(field) offsetof(struct config_twin_keys, field)

static const struct config_key optimise_keys[] = {
    {"apply", CONFIG_BOOL, TWIN(optimise_apply), "false",
     .help = "What was asked for and found is carried out: the input is set, and its "
             "device commanded, when the schedule says so. Else it is a suggestion"},
};

static const struct config_table optimise_table = CONFIG_TABLE(optimise_keys);

static const char *const healths[] = {[CONFIG_HEALTH_AUTO] = "auto",
                                      [CONFIG_HEALTH_ON] = "on",
                                      [CONFIG_HEALTH_OFF] = "off",
                                      NULL};

static const struct config_key twin_keys[] = {
    {"id", CONFIG_TEXT, TWIN(id), .check = check_twin_id, .flags = CONFIG_REQUIRED,
     .help = "Unique: letters, digits, _ and -. With {names} of topic levels it is a "
             "fleet, one twin for each combination seen"},
    {"name", CONFIG_TEXT, TWIN(name), .check = config_check_text,
     .help = "For people. Default: the id"},
    {"kind", CONFIG_TEXT, TWIN(kind), .flags = CONFIG_REQUIRED,
     .help = "What it is a twin of; twinctl kinds lists them"},
    {"detail", CONFIG_TEXT, TWIN(detail),
     .help =
         "How finely it is modelled, where the kind leaves a choice; twinctl kinds KIND "
         "names the details. Default: the first"},
    {"params", CONFIG_LATER_OBJECT, TWIN(params),
     .help = "Parameters of the kind: {NAME: number}; twinctl kinds KIND lists them"},
    {"signals", CONFIG_LATER_OBJECT, TWIN(signals),
     .help = "Of the kind generic: {NAME: {..}}, the signals that it has"},
    {"bind", CONFIG_LATER_OBJECT, TWIN(bind),
     .help = "Sensors: {SIGNAL: binding}. A binding that is only a topic may be given as "
             "a text"},
    {"actuate", CONFIG_LATER_OBJECT, TWIN(actuate),
     .help = "Devices: {INPUT: actuator}, to which commands are forwarded"},
    {"forecast", CONFIG_LATER_OBJECT, TWIN(forecast), .flags = CONFIG_NULLABLE,
     .help = "What is forecast, and how often. Default, or null: nothing"},
    {"calibrate", CONFIG_LATER_OBJECT, TWIN(calibrate), .flags = CONFIG_NULLABLE,
     .help = "When its parameters are calibrated anew. Default, or null: never"},
    {"optimise", CONFIG_OBJECT, .of = &optimise_table,
     .help = "What becomes of advice that is asked for"},
    {"health", CONFIG_WORD, TWIN(health), "auto", .words = healths,
     .help =
         "Whether wear of parts and sensors is looked after, with the time that is left "
         "to each. auto: where the kind has parts that wear, or a rule or a battery asks"},
    {"rules", CONFIG_LATER_LIST, TWIN(rules), .help = "What raises alerts"},
    {"step", CONFIG_DURATION, TWIN(step), NULL, 0.1, DAY,
     .help = "How often this twin is advanced when nothing arrives. Default: the root's"},
    {"integrator", CONFIG_WORD, TWIN(integrator), "auto", .words = motion_names,
     .check = check_integrator,
     .help = "What moves its model: rk4 and euler in steps as short as the kind needs, "
             "rosenbrock (for stiff models) in long ones with the error held; auto: rk4, "
             "and rosenbrock over gaps and in forecasts where it costs less"},
    {"max", CONFIG_COUNT, TWIN(max), "1000", 1, 1e6,
     .help = "Of a fleet: the most twins it may have"},
};

const struct config_table config_twin_table = CONFIG_TABLE(twin_keys);

/* -- a binding -- */

#define BINDING(field) offsetof(struct config_binding_keys, field)

static const char *const formats[] = {
    [PAYLOAD_AUTO] = "auto", [PAYLOAD_NUMBER] = "number", [PAYLOAD_JSON] = "json",
    [PAYLOAD_CSV] = "csv",   [PAYLOAD_SENML] = "senml",   NULL,
};

static const struct config_key find_keys[] = {
    {"key", CONFIG_TEXT, BINDING(find_key), .check = config_check_text,
     .flags = CONFIG_REQUIRED, .help = "The key that tells the list's objects apart"},
    {"equals", CONFIG_SCALAR, BINDING(find_equals), .flags = CONFIG_REQUIRED,
     .help = "The value that it has in the object wanted"},
    {"value", CONFIG_TEXT, BINDING(find_value), .check = config_check_text,
     .flags = CONFIG_REQUIRED, .help = "The key of the reading in that object"},
};

static const struct config_table find_table = CONFIG_TABLE(find_keys);

static const struct config_key binding_keys[] = {
    {"topic", CONFIG_LATER, BINDING(topic), .flags = CONFIG_REQUIRED,
     .help = "An MQTT filter; + is any level, {name} a level that a fleet's id uses"},
    {"path", CONFIG_TEXT, BINDING(path), .check = check_pointer,
     .help = "Where the reading is: a JSON Pointer such as /a/b; * stands for each element "
             "of a list. None: the payload is the reading"},
    {"find", CONFIG_OBJECT, .of = &find_table,
     .help = "In the list at path, the object wanted"},
    {"when", CONFIG_LATER_OBJECT, BINDING(when),
     .help = "{PATH: value}: messages in which one is not so are not this binding's"},
    {"format", CONFIG_WORD, BINDING(format), "auto", .words = formats,
     .help = "Of the payload"},
    {"column", CONFIG_COUNT, BINDING(column), NULL, 0, 10000,
     .help = "With csv: the column, counted from 0. Default: 0"},
    {"name", CONFIG_TEXT, BINDING(name), .check = config_check_text,
     .help = "With senml: the record's name, base name included. Default: any"},
    {"unit", CONFIG_TEXT, BINDING(unit),
     .help = "Of the reading, as UCUM or Home Assistant spell it. Default: the signal's"},
    {"unit_path", CONFIG_TEXT, BINDING(unit_path), .check = check_pointer,
     .help = "Where the payload says the unit"},
    {"scale", CONFIG_NUMBER, BINDING(scale), "1", -1e12, 1e12,
     .help = "The reading is multiplied with it, before offset and unit"},
    {"offset", CONFIG_NUMBER, BINDING(offset), "0", -1e12, 1e12,
     .help = "Added to the reading after scale"},
    {"counter", CONFIG_BOOL, BINDING(counter), "false",
     .help = "A meter that only rises: resets and glitches are recognised"},
    {"time", CONFIG_TEXT, BINDING(time), .check = check_pointer,
     .help = "Where the payload says the time: epoch s or ms, or ISO 8601. None: the time "
             "of arrival"},
    {"battery", CONFIG_TEXT, BINDING(battery), .check = check_pointer,
     .help =
         "Where the payload says the charge of the device's battery, in percent: when it "
         "will be empty is told among the twin's health"},
    {"zone", CONFIG_ZONE, BINDING(zone), "UTC",
     .help = "Of times that say none, such as \"+01:00\""},
    {"sd", CONFIG_NUMBER, BINDING(sd), NULL, 1e-12, 1e12,
     .help = "The sensor's standard deviation, in the signal's unit. Default: the kind's"},
    {"range", CONFIG_RANGE, BINDING(range), NULL, -1e15, 1e15,
     .help = "[least, greatest] believable reading, in the signal's unit. Default: the "
             "kind's"},
    {"timeout", CONFIG_DURATION, BINDING(timeout), "90m", 0.1, INFINITY,
     .help = "The sensor is stale after this silence"},
    {"min_interval", CONFIG_DURATION, BINDING(min_interval), "0s", 0, DAY,
     .help = "Readings that follow sooner are not used"},
    {"stuck_after", CONFIG_DURATION, BINDING(stuck_after), "never", 0.1, INFINITY,
     .help = "The sensor is stuck when its reading has not changed for so long"},
};

const struct config_table config_binding_table = CONFIG_TABLE(binding_keys);

/* -- a forecast -- */

#define FORECAST(field) offsetof(struct config_forecast_keys, field)
#define FUTURE(field) offsetof(struct config_future_keys, field)

static const struct config_key forecast_keys[] = {
    {"every", CONFIG_DURATION, FORECAST(every), "1h", 60, DAY,
     .help = "How often a forecast is made, on that grid of the clock (UTC)"},
    {"horizon", CONFIG_DURATION, FORECAST(horizon), "24h", 300, FORECAST_HORIZON_MOST,
     .help = "How far it looks ahead: a multiple of step"},
    {"step", CONFIG_DURATION, FORECAST(step), "15m", 60, DAY,
     .help = "The time between its values, of which there are 672 at most"},
    {"inputs", CONFIG_LATER_OBJECT, FORECAST(inputs),
     .help = "{INPUT: {..}}: inputs whose future a topic tells, as weather services "
             "publish it. The others' is learned from their past"},
};

const struct config_table config_forecast_table = CONFIG_TABLE(forecast_keys);

static const struct config_key future_keys[] = {
    {"topic", CONFIG_LATER, FUTURE(topic), .flags = CONFIG_REQUIRED,
     .help = "An MQTT filter, as that of a binding"},
    {"times", CONFIG_TEXT, FUTURE(times), .check = check_pointer,
     .help = "Where the list of times is: a JSON Pointer such as /hourly/time"},
    {"values", CONFIG_TEXT, FUTURE(values), .check = check_pointer,
     .help = "Where the list of values is, one for each of the times"},
    {"list", CONFIG_TEXT, FUTURE(list), .check = check_pointer,
     .help = "Instead of times and values: where a list of objects is, such as /forecast; "
             "\"\" is the payload itself"},
    {"time", CONFIG_TEXT, FUTURE(time), .check = check_pointer,
     .help = "With list: where the time is in each object, such as /datetime"},
    {"value", CONFIG_TEXT, FUTURE(value), .check = check_pointer,
     .help = "With list: where the value is in each object"},
    {"unit", CONFIG_TEXT, FUTURE(unit), .help = "Of the values. Default: the input's"},
    {"scale", CONFIG_NUMBER, FUTURE(scale), "1", -1e12, 1e12,
     .help = "The value is multiplied with it, before offset and unit"},
    {"offset", CONFIG_NUMBER, FUTURE(offset), "0", -1e12, 1e12,
     .help = "Added to the value after scale"},
    {"zone", CONFIG_ZONE, FUTURE(zone),
     .help = "Of times that say none, such as \"+01:00\". Default: the twin's utc_offset "
             "if its kind has one, else UTC"},
};

const struct config_table config_future_table = CONFIG_TABLE(future_keys);

/* -- an actuator, a declared signal -- */

static const struct config_key actuator_keys[] = {
    {"topic", CONFIG_LATER, offsetof(struct config_actuator_keys, topic),
     .flags = CONFIG_REQUIRED,
     .help = "Where the command goes; may hold the {names} of a fleet's id"},
    {"payload", CONFIG_TEXT, offsetof(struct config_actuator_keys, payload), "{value}",
     .check = config_check_text, .help = "What is sent; {value} stands for the number"},
    {"retain", CONFIG_BOOL, offsetof(struct config_actuator_keys, retain), "false",
     .help = "The broker keeps the command for devices that are away"},
};

const struct config_table config_actuator_table = CONFIG_TABLE(actuator_keys);

#define SIGNAL(field) offsetof(struct config_signal_keys, field)

static const struct config_key signal_keys[] = {
    {"unit", CONFIG_TEXT, SIGNAL(unit), "", .help = "Of the signal, as UCUM spells it"},
    {"min", CONFIG_NUMBER, SIGNAL(min), NULL, -1e15, 1e15, .help = "The least value"},
    {"max", CONFIG_NUMBER, SIGNAL(max), NULL, -1e15, 1e15, .help = "The greatest value"},
    {"sd", CONFIG_NUMBER, SIGNAL(sd), NULL, 1e-12, 1e12,
     .help = "The standard deviation of its sensor"},
};

const struct config_table config_signal_table = CONFIG_TABLE(signal_keys);

/* -- rows of other tables -- */

uint64_t config_table_bit(const struct config_table *table, const char *name)
{
    for (size_t i = 0; i < table->n; i++)
        if (strcmp(table->keys[i].name, name) == 0)
            return UINT64_C(1) << i;
    return 0;
}

struct config_key config_key_of_row(const struct kind_row *row, size_t offset)
{
    return (struct config_key){.name = row->name,
                               .type = CONFIG_NUMBER,
                               .offset = offset,
                               .min = row->min,
                               .max = row->max,
                               .unit = row->unit,
                               .help = row->help};
}
