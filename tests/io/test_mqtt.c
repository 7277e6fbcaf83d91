/* The link against a real mosquitto. Peers are tools' clients of the same module: they only
 * publish and collect. */
#include "broker.h"
#include "twind/log.h"
#include "twind/mqtt.h"

#include <pthread.h>
#include <stdatomic.h>

enum { ROOM = 20000, LONGEST = 200 };

struct got {
    char topic[LONGEST], payload[LONGEST], response[LONGEST], correlation[LONGEST];
    bool retained, dup;
    unsigned packet_id;
};

struct client {
    struct mqtt *mqtt;
    struct mqtt_options options;
    pthread_mutex_t mutex;
    struct got *got;
    size_t n;
    atomic_int up, down, sessions, kept_sessions;
    atomic_ulong delivered;
    char reason[LONGEST];
};

static bool on_message(void *context, const struct mqtt_message *m)
{
    struct client *client = context;
    pthread_mutex_lock(&client->mutex);
    if (client->n < ROOM) {
        struct got *got = &client->got[client->n++];
        snprintf(got->topic, LONGEST, "%.*s", (int)m->topic_length, m->topic);
        snprintf(got->payload, LONGEST, "%.*s", (int)m->payload_length, m->payload);
        snprintf(got->response, LONGEST, "%s", m->response_topic ? m->response_topic : "");
        snprintf(got->correlation, LONGEST, "%.*s", (int)m->correlation_length,
                 m->correlation ? (const char *)m->correlation : "");
        got->retained = m->retained;
        got->dup = m->dup;
        got->packet_id = m->packet_id;
    }
    pthread_mutex_unlock(&client->mutex);
    return true;
}

static void on_up(void *context, bool session)
{
    (void)session;
    atomic_fetch_add(&((struct client *)context)->up, 1);
}

static void on_down(void *context, const char *reason)
{
    struct client *client = context;
    snprintf(client->reason, sizeof client->reason, "%s", reason);
    atomic_fetch_add(&client->down, 1);
}

static void on_delivered(void *context, uint64_t tag)
{
    atomic_fetch_add(&((struct client *)context)->delivered, (unsigned long)tag);
}

static void on_session(void *context, bool session)
{
    struct client *client = context;
    atomic_fetch_add(&client->sessions, 1);
    atomic_fetch_add(&client->kept_sessions, session);
}

/* -- helpers -- */

static struct client new_client(const char *url, const char *id, const char *prefix)
{
    struct client client = {0};
    client.options = (struct mqtt_options){
        .url = url,
        .client_id = id,
        .prefix = prefix,
        .keepalive = 60,
        .session_expiry = 3600,
        .retry_min = 0.05,
    };
    pthread_mutex_init(&client.mutex, NULL);
    client.got = calloc(ROOM, sizeof *client.got);
    return client;
}

static void start(struct client *client, const char *filter)
{
    const struct mqtt_hooks hooks = {client,  on_message,   on_up,
                                     on_down, on_delivered, on_session};
    struct err e;
    client->mqtt = mqtt_start(&client->options, &hooks, &e);
    if (!client->mqtt)
        fail_msg("%s", e.text);
    if (filter)
        mqtt_subscribe(client->mqtt, &filter, 1);
}

static void stop(struct client *client)
{
    mqtt_stop(client->mqtt);
    free(client->got);
    pthread_mutex_destroy(&client->mutex);
}

/* The n-th message on that topic; false: not there. */
static bool find(struct client *client, const char *topic, size_t n, struct got *out)
{
    bool found = false;
    pthread_mutex_lock(&client->mutex);
    for (size_t i = 0; i < client->n && !found; i++) {
        if (strcmp(client->got[i].topic, topic) != 0)
            continue;
        if (n-- == 0) {
            *out = client->got[i];
            found = true;
        }
    }
    pthread_mutex_unlock(&client->mutex);
    return found;
}

static size_t count(struct client *client)
{
    pthread_mutex_lock(&client->mutex);
    size_t n = client->n;
    pthread_mutex_unlock(&client->mutex);
    return n;
}

#define WAIT_FOR(condition)                                                                \
    do {                                                                                   \
        double deadline_ = test_clock() + 8;                                               \
        while (!(condition)) {                                                             \
            if (test_clock() > deadline_)                                                  \
                fail_msg("still not: %s", #condition);                                     \
            short_pause();                                                                 \
        }                                                                                  \
    } while (0)

static bool is_connected(struct client *client)
{
    return mqtt_stats(client->mqtt).connected;
}

static void send_text(struct client *client, const char *topic, const char *text,
                      unsigned flags)
{
    assert_true(mqtt_publish(client->mqtt, topic, text, strlen(text), flags, 0));
}

/* -- the tests -- */

static void test_a_message_goes_round_at_qos_1_and_is_reported_delivered(void **state)
{
    struct broker *broker = *state;
    struct client twind = new_client(broker->url, "round", "t1");
    start(&twind, "farm/#");
    WAIT_FOR(atomic_load(&twind.up) == 1);
    assert_true(mqtt_publish(twind.mqtt, "farm/a", "21.5", 4, MQTT_QOS1, 42));
    WAIT_FOR(atomic_load(&twind.delivered) == 42);
    struct got got;
    WAIT_FOR(find(&twind, "farm/a", 0, &got));
    assert_string_equal(got.payload, "21.5");
    assert_int_not_equal(got.packet_id, 0);
    assert_false(got.retained);
    assert_int_equal(atomic_load(&twind.sessions), 1);
    assert_int_equal(atomic_load(&twind.kept_sessions), 0);
    stop(&twind);
}

static void test_a_retained_message_says_so(void **state)
{
    struct broker *broker = *state;
    struct client tool = new_client(broker->url, "tool", NULL);
    start(&tool, NULL);
    send_text(&tool, "kept/a", "old", MQTT_QOS1 | MQTT_RETAIN);
    WAIT_FOR(mqtt_stats(tool.mqtt).published == 1);
    struct client twind = new_client(broker->url, "retained", "t2");
    start(&twind, "kept/+");
    struct got got;
    WAIT_FOR(find(&twind, "kept/a", 0, &got));
    assert_true(got.retained);
    send_text(&tool, "kept/a", "new", MQTT_QOS1);
    WAIT_FOR(find(&twind, "kept/a", 1, &got));
    assert_false(got.retained);
    stop(&twind);
    stop(&tool);
}

static void test_a_broker_away_at_start_is_waited_for(void **state)
{
    (void)state;
    struct broker broker;
    broker_prepare(&broker, "");
    struct client twind = new_client(broker.url, "patient", "t3");
    start(&twind, "a/#");
    send_text(&twind, "a/b", "waited", MQTT_QOS1);
    assert_false(is_connected(&twind));
    broker_run(&broker);
    WAIT_FOR(mqtt_stats(twind.mqtt).published == 1 && is_connected(&twind));
    send_text(&twind, "a/c", "live", MQTT_QOS1);
    struct got got;
    WAIT_FOR(find(&twind, "a/c", 0, &got));
    stop(&twind);
    broker_remove(&broker);
}

static void test_a_killed_broker_is_subscribed_again_and_gets_all_that_waited(void **state)
{
    (void)state;
    struct broker broker;
    /* it saves its sessions at once, so that ours survives its death */
    broker_prepare(&broker, "autosave_interval 1\nautosave_on_changes true\n");
    broker_run(&broker);
    struct client twind = new_client(broker.url, "survivor", "t4");
    start(&twind, "s/#");
    WAIT_FOR(is_connected(&twind));
    send_text(&twind, "s/first", "", MQTT_QOS1);
    struct got got;
    WAIT_FOR(find(&twind, "s/first", 0, &got));
    broker_end(&broker, SIGKILL);
    WAIT_FOR(atomic_load(&twind.down) == 1 && !is_connected(&twind));
    char text[32];
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "%d", i);
        send_text(&twind, "s/n", text, MQTT_QOS1);
    }
    assert_int_equal(mqtt_stats(twind.mqtt).queued, 100);
    broker_run(&broker);
    WAIT_FOR(find(&twind, "s/n", 99, &got));
    assert_int_equal(atomic_load(&twind.up), 2);
    for (size_t i = 0; i < 100; i++) {
        assert_true(find(&twind, "s/n", i, &got));
        assert_int_equal(atoi(got.payload), (int)i);
    }
    stop(&twind);
    broker_remove(&broker);
}

static void test_the_session_keeps_what_came_while_nobody_was_there(void **state)
{
    struct broker *broker = *state;
    struct client twind = new_client(broker->url, "sleeper", "t5");
    struct got got;
    start(&twind, "night/#");
    double deadline = test_clock() + 8;
    while (!find(&twind, "night/ready", 0, &got) && test_clock() < deadline) {
        send_text(&twind, "night/ready", "", MQTT_QOS1); /* until it has been subscribed */
        short_pause();
    }
    assert_true(find(&twind, "night/ready", 0, &got));
    mqtt_stop(twind.mqtt);
    struct client tool = new_client(broker->url, "tool", NULL);
    start(&tool, NULL);
    send_text(&tool, "night/a", "1", MQTT_QOS1);
    WAIT_FOR(mqtt_stats(tool.mqtt).published == 1);
    start(&twind, "night/#");
    WAIT_FOR(find(&twind, "night/a", 0, &got));
    assert_int_equal(atomic_load(&twind.kept_sessions), 1);
    stop(&twind);
    stop(&tool);
}

static void test_a_paused_link_takes_nothing_and_goes_on_publishing(void **state)
{
    struct broker *broker = *state;
    struct client twind = new_client(broker->url, "paused", "t15");
    start(&twind, "rain/#");
    WAIT_FOR(is_connected(&twind));
    mqtt_pause(twind.mqtt, true);
    WAIT_FOR(atomic_load(&twind.down) == 1);
    uint64_t before = mqtt_stats(twind.mqtt).published;
    send_text(&twind, "rain/a", "kept by the broker", MQTT_QOS1);
    WAIT_FOR(mqtt_stats(twind.mqtt).published > before);
    struct got got;
    assert_false(find(&twind, "rain/a", 0, &got));
    mqtt_pause(twind.mqtt, false);
    WAIT_FOR(find(&twind, "rain/a", 0, &got));
    assert_string_equal(got.payload, "kept by the broker");
    stop(&twind);
}

static void test_filters_can_be_replaced_while_connected(void **state)
{
    struct broker *broker = *state;
    struct client twind = new_client(broker->url, "changing", "t6");
    start(&twind, "old/a");
    WAIT_FOR(is_connected(&twind));
    static char texts[1200][16];
    const char *many[1200];
    for (int i = 0; i < 1200; i++) {
        snprintf(texts[i], sizeof texts[i], "new/%d", i);
        many[i] = texts[i];
    }
    mqtt_subscribe(twind.mqtt, many, 1200);
    struct got got;
    /* in the order of the list: when the last answers, all have been subscribed */
    double deadline = test_clock() + 8;
    while (!find(&twind, "new/999", 0, &got) && test_clock() < deadline) {
        send_text(&twind, "new/999", "x", MQTT_QOS1);
        short_pause();
    }
    assert_true(find(&twind, "new/999", 0, &got));
    send_text(&twind, "old/a", "gone", MQTT_QOS1);
    send_text(&twind, "new/0", "here", MQTT_QOS1);
    send_text(&twind, "new/777", "here", MQTT_QOS1);
    WAIT_FOR(find(&twind, "new/777", 0, &got));
    assert_true(find(&twind, "new/0", 0, &got));
    assert_false(find(&twind, "old/a", 0, &got));
    stop(&twind);
}

static void test_status_is_born_and_dies(void **state)
{
    struct broker *broker = *state;
    struct client tool = new_client(broker->url, "tool", NULL);
    start(&tool, "t7/status");
    WAIT_FOR(is_connected(&tool));
    struct client twind = new_client(broker->url, "mortal", "t7");
    start(&twind, NULL);
    struct got got;
    WAIT_FOR(find(&tool, "t7/status", 0, &got));
    assert_string_equal(got.payload, "online");
    /* somebody else says that we are dead */
    send_text(&tool, "t7/status", "offline", MQTT_QOS1 | MQTT_RETAIN);
    WAIT_FOR(find(&tool, "t7/status", 2, &got));
    assert_string_equal(got.payload, "online");
    stop(&twind);
    WAIT_FOR(find(&tool, "t7/status", 3, &got));
    assert_string_equal(got.payload, "offline");
    stop(&tool);
}

static void test_a_killed_client_leaves_its_will(void **state)
{
    struct broker *broker = *state;
    struct client tool = new_client(broker->url, "tool", NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct client twind = new_client(broker->url, "victim", "t8");
        start(&twind, NULL);
        for (;;)
            pause();
    }
    start(&tool, "t8/status");
    struct got got;
    WAIT_FOR(find(&tool, "t8/status", 0, &got));
    assert_string_equal(got.payload, "online");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    WAIT_FOR(find(&tool, "t8/status", 1, &got));
    assert_string_equal(got.payload, "offline");
    stop(&tool);
}

static void test_a_deaf_link_is_found_and_made_anew(void **state)
{
    (void)state;
    struct broker broker;
    broker_prepare(&broker, "");
    broker_run(&broker);
    struct client twind = new_client(broker.url, "deaf", "t9");
    twind.options.deaf_after = 0.9;
    start(&twind, "d/#");
    WAIT_FOR(is_connected(&twind) && mqtt_stats(twind.mqtt).heartbeat_age < 1);
    kill(broker.pid, SIGSTOP);
    WAIT_FOR(atomic_load(&twind.down) == 1);
    assert_non_null(strstr(twind.reason, "deaf"));
    assert_false(is_connected(&twind));
    kill(broker.pid, SIGCONT);
    WAIT_FOR(atomic_load(&twind.up) == 2 && is_connected(&twind));
    send_text(&twind, "d/a", "heard", MQTT_QOS1);
    struct got got;
    WAIT_FOR(find(&twind, "d/a", 0, &got));
    stop(&twind);
    broker_remove(&broker);
}

static void test_mqtt_5_requests_name_where_to_answer(void **state)
{
    struct broker *broker = *state;
    char port[16];
    snprintf(port, sizeof port, "%d", broker->port);
    struct client twind = new_client(broker->url, "five", "t10");
    twind.options.version5 = true;
    start(&twind, "ask/#");
    struct client tool = new_client(broker->url, "tool5", NULL);
    tool.options.version5 = true;
    start(&tool, "answers/me");
    WAIT_FOR(is_connected(&twind) && is_connected(&tool));
    pid_t pid = fork();
    if (pid == 0) {
        execlp("mosquitto_pub", "mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", port,
               "-t", "ask/a", "-q", "1", "-m", "what?", "-D", "publish", "response-topic",
               "answers/me", "-D", "publish", "correlation-data", "c17", (char *)NULL);
        _exit(127);
    }
    struct got got;
    WAIT_FOR(find(&twind, "ask/a", 0, &got));
    waitpid(pid, NULL, 0);
    assert_string_equal(got.response, "answers/me");
    assert_string_equal(got.correlation, "c17");
    assert_true(mqtt_reply(twind.mqtt, got.response, got.correlation, 3, "this", 4));
    WAIT_FOR(find(&tool, "answers/me", 0, &got));
    assert_string_equal(got.payload, "this");
    assert_string_equal(got.correlation, "c17");
    stop(&twind);
    stop(&tool);
}

static void test_a_wrong_password_is_told_and_the_right_one_works(void **state)
{
    (void)state;
    struct broker broker;
    broker_prepare(&broker, "allow_anonymous false\npassword_file %s/passwords\n");
    char command[300];
    snprintf(command, sizeof command, "mosquitto_passwd -c -b %s/passwords twind right",
             broker.folder);
    assert_int_equal(system(command), 0);
    broker_run(&broker);
    struct client wrong = new_client(broker.url, "wrong", "t11");
    wrong.options.username = "twind";
    wrong.options.password = "left";
    start(&wrong, "#");
    struct client right = new_client(broker.url, "right", "t12");
    right.options.username = "twind";
    right.options.password = "right";
    start(&right, "#");
    WAIT_FOR(is_connected(&right));
    assert_false(is_connected(&wrong));
    assert_int_equal(mqtt_stats(wrong.mqtt).connects, 0);
    stop(&right);
    stop(&wrong);
    broker_remove(&broker);
}

static void test_options_that_can_not_work_are_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {"http://a:1883", "127.0.0.1:1883", "mqtt://",
                                       "mqtts://:1"};
    const struct mqtt_hooks hooks = {0};
    struct err e;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        const struct mqtt_options options = {.url = urls[i], .client_id = "x"};
        assert_null(mqtt_start(&options, &hooks, &e));
        assert_non_null(strstr(e.text, urls[i]));
    }
    const struct mqtt_options tls = {
        .url = "mqtts://localhost", .client_id = "x", .ca_file = "/nowhere/ca.pem"};
    assert_null(mqtt_start(&tls, &hooks, &e));
    assert_non_null(strstr(e.text, "/nowhere/ca.pem"));
}

/* A CA, and a certificate for the host name `localhost` alone. */
static void make_certificates(const struct broker *broker)
{
    char command[1500];
    const char *f = broker->folder;
    broker_write(broker, "server.ext", "subjectAltName=DNS:localhost\n");
    snprintf(command, sizeof command,
             "cd %s && openssl ecparam -name prime256v1 -genkey -noout -out ca.key && "
             "openssl req -x509 -new -key ca.key -subj /CN=testCA -days 2 -out ca.pem && "
             "openssl ecparam -name prime256v1 -genkey -noout -out server.key && "
             "openssl req -new -key server.key -subj /CN=localhost -out server.csr && "
             "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
             "-extfile server.ext -days 2 -out server.pem 2>/dev/null",
             f);
    assert_int_equal(system(command), 0);
}

static void test_tls_wants_a_certificate_of_this_host_signed_by_the_ca(void **state)
{
    (void)state;
    if (system("openssl version >/dev/null 2>&1") != 0) {
        print_message("skipped: no openssl command\n");
        skip();
    }
    struct broker broker;
    broker_prepare(&broker, "certfile %s/server.pem\nkeyfile %s/server.key\n");
    make_certificates(&broker);
    broker_run(&broker);
    char good_url[64], wrong_url[64], ca[100];
    snprintf(good_url, sizeof good_url, "mqtts://localhost:%d", broker.port);
    snprintf(wrong_url, sizeof wrong_url, "mqtts://127.0.0.1:%d", broker.port);
    snprintf(ca, sizeof ca, "%s/ca.pem", broker.folder);
    struct client good = new_client(good_url, "good", "t13");
    struct client wrong_host = new_client(wrong_url, "host", "t14");
    struct client no_ca = new_client(good_url, "noca", "t15");
    good.options.ca_file = wrong_host.options.ca_file = ca;
    start(&wrong_host, "#");
    start(&no_ca, "#");
    start(&good, "tls/#");
    WAIT_FOR(is_connected(&good));
    send_text(&good, "tls/a", "secret", MQTT_QOS1);
    struct got got;
    WAIT_FOR(find(&good, "tls/a", 0, &got));
    assert_int_equal(mqtt_stats(wrong_host.mqtt).connects, 0);
    assert_int_equal(mqtt_stats(no_ca.mqtt).connects, 0);
    stop(&good);
    stop(&wrong_host);
    stop(&no_ca);
    broker_remove(&broker);
}

static void test_a_stop_is_short_while_the_broker_hangs(void **state)
{
    (void)state;
    struct broker broker;
    broker_prepare(&broker, "");
    broker_run(&broker);
    struct client twind = new_client(broker.url, "hasty", "t16");
    start(&twind, "x/#");
    WAIT_FOR(is_connected(&twind));
    kill(broker.pid, SIGSTOP);
    send_text(&twind, "x/a", "never", MQTT_QOS1);
    double begin = test_clock();
    stop(&twind);
    assert_true(test_clock() - begin < 2.5);
    kill(broker.pid, SIGCONT);
    broker_remove(&broker);
}

static void test_ten_thousand_messages_arrive_once_and_in_order(void **state)
{
    struct broker *broker = *state;
    struct client twind = new_client(broker->url, "busy", "t17");
    start(&twind, "many/#");
    WAIT_FOR(is_connected(&twind));
    char text[32];
    for (int i = 0; i < 10000; i++) {
        snprintf(text, sizeof text, "%d", i);
        send_text(&twind, "many/n", text, MQTT_QOS1);
    }
    WAIT_FOR(count(&twind) >= 10000);
    assert_int_equal(count(&twind), 10000);
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(atoi(twind.got[i].payload), (int)i);
    stop(&twind);
}

/* Paho's thread sleeps up to a second when nothing moves and sees a new connection only
 * then: a client that is always talking keeps it awake, and this program short. */
static struct client companion;
static atomic_bool companion_ends;
static pthread_t companion_thread;

static void *talk(void *context)
{
    (void)context;
    while (!atomic_load(&companion_ends)) {
        mqtt_publish(companion.mqtt, "awake", "", 0, MQTT_QOS1 | MQTT_NEWEST, 0);
        short_pause();
    }
    return NULL;
}

static int keep_awake(void **state)
{
    struct broker *broker = *state;
    companion = new_client(broker->url, "companion", NULL);
    start(&companion, NULL);
    return pthread_create(&companion_thread, NULL, talk, NULL);
}

static int start_broker(void **state)
{
    static struct broker broker;
    broker_prepare(&broker, "");
    broker_run(&broker);
    *state = &broker;
    return 0;
}

static int end_broker(void **state)
{
    atomic_store(&companion_ends, true);
    pthread_join(companion_thread, NULL);
    stop(&companion);
    broker_remove(*state);
    return 0;
}

int main(void)
{
    log_set_level(LOG_WARNING);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_killed_client_leaves_its_will), /* forks: before any Paho */
        cmocka_unit_test_setup(test_a_message_goes_round_at_qos_1_and_is_reported_delivered,
                               keep_awake),
        cmocka_unit_test(test_a_retained_message_says_so),
        cmocka_unit_test(test_a_broker_away_at_start_is_waited_for),
        cmocka_unit_test(test_a_killed_broker_is_subscribed_again_and_gets_all_that_waited),
        cmocka_unit_test(test_the_session_keeps_what_came_while_nobody_was_there),
        cmocka_unit_test(test_a_paused_link_takes_nothing_and_goes_on_publishing),
        cmocka_unit_test(test_filters_can_be_replaced_while_connected),
        cmocka_unit_test(test_status_is_born_and_dies),
        cmocka_unit_test(test_a_deaf_link_is_found_and_made_anew),
        cmocka_unit_test(test_mqtt_5_requests_name_where_to_answer),
        cmocka_unit_test(test_a_wrong_password_is_told_and_the_right_one_works),
        cmocka_unit_test(test_options_that_can_not_work_are_refused),
        cmocka_unit_test(test_tls_wants_a_certificate_of_this_host_signed_by_the_ca),
        cmocka_unit_test(test_a_stop_is_short_while_the_broker_hangs),
        cmocka_unit_test(test_ten_thousand_messages_arrive_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, start_broker, end_broker);
}
