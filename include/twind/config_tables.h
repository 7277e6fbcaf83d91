/* The tables of keys, and the structs that those of a twin fill on the way to a plan. */
#ifndef TWIND_CONFIG_TABLES_H
#define TWIND_CONFIG_TABLES_H

#include "twind/config_key.h"

extern const struct config_table config_root_table;   /* fills a struct config */
extern const struct config_table config_dropin_table; /* a file in twins.d */

struct config_twin_keys {
    char *id, *name, *kind, *detail;
    const struct cJSON *params, *signals, *bind, *actuate, *forecast, *calibrate, *rules;
    double step;    /* NAN: the root's */
    int integrator; /* enum motion_method */
    size_t max;
    bool optimise_apply;
    int health; /* index into config_health */
};

struct config_binding_keys {
    const struct cJSON *topic, *when;
    char *path, *find_key, *find_equals, *find_value, *name, *unit, *unit_path, *time,
        *battery;
    int format; /* enum payload_format */
    size_t column;
    double scale, offset, zone, sd, range[2], timeout, min_interval, stuck_after;
    bool counter;
};

struct config_actuator_keys {
    const struct cJSON *topic;
    char *payload;
    bool retain;
};

struct config_forecast_keys {
    double every, horizon, step;
    const struct cJSON *inputs;
};

/* What a weather service says of an input. */
struct config_future_keys {
    const struct cJSON *topic;
    char *times, *values, *list, *time, *value, *unit;
    double scale, offset, zone; /* zone NAN: the twin's */
};

struct config_signal_keys {
    char *unit;
    double min, max, sd;
};

/* The keys that all rule types have; `params` takes the type's own. */
struct config_rule_keys {
    char *id, *type, *message;
    struct config_texts on;
    int severity, no_data; /* enum severity, enum alert_no_data */
    double delay, keep;
    struct config_texts unless, hours;
    double params[RULE_PARAMS_MAX];
    struct config_texts lists[RULE_PARAMS_MAX]; /* those of RULE_RULES */
};

extern const struct config_table config_twin_table, config_binding_table,
    config_actuator_table, config_forecast_table, config_future_table, config_signal_table,
    config_rule_table;

extern const char *const config_severities[];

enum config_health { CONFIG_HEALTH_AUTO, CONFIG_HEALTH_ON, CONFIG_HEALTH_OFF };

/* The bit of a key in what config_keys_read() returns. */
uint64_t config_table_bit(const struct config_table *table, const char *name);

/* A row of a kind's or a rule type's table as a key for one double. */
struct config_key config_key_of_row(const struct kind_row *row, size_t offset);
struct config_key config_key_of_rule(const struct rule_row *row, const char *unit,
                                     size_t offset);

bool config_check_text(const char *text, struct err *e); /* neither empty nor huge */

/* Letters, digits, - and _: fit for MQTT topics, SQL and Home Assistant. */
bool config_check_id(const char *text, struct err *e);

#endif
