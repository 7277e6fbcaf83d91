/* Connecting. Paho keeps one handle for the life of a link; automatic reconnect is off, for
 * it hides whether the broker kept the session. A connection of this kind fails by the
 * connect answer, by Paho's connection-lost callback, or by our own disconnect. */
#include "mqtt_link.h"

#include "twind/mem.h"

#include <MQTTAsync.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECT_SECONDS = 10, RECEIVE_MAXIMUM = 1000, IN_FLIGHT = 65535 };

static void set_state(struct link *link, enum link_state state, const char *reason)
{
    pthread_mutex_lock(link->mutex);
    if (state == LINK_DOWN && link->state != LINK_DOWN && reason)
        snprintf(link->reason, sizeof link->reason, "%s%s%s", reason,
                 link->tls_error[0] ? ": " : "", link->tls_error);
    if (state != LINK_UP)
        link->batch_open = false;
    link->state = state;
    link->hooks.changed(link->hooks.context);
    pthread_mutex_unlock(link->mutex);
}

/* -- connecting -- */

static void connected(struct link *link, bool session)
{
    link->session = session;
    link->hooks.began(link->hooks.context, session);
    set_state(link, LINK_UP, NULL);
}

static void on_connected(void *context, MQTTAsync_successData *data)
{
    connected(context, data && data->alt.connect.sessionPresent);
}

static void on_connected5(void *context, MQTTAsync_successData5 *data)
{
    connected(context, data && data->alt.connect.sessionPresent);
}

/* CONNACK's codes of 3.1.1 and their MQTT 5 counterparts, in words that say what to do. */
static const char *refusal(int code)
{
    switch (code) {
    case 1:
    case MQTTREASONCODE_UNSUPPORTED_PROTOCOL_VERSION:
        return "the broker does not speak this protocol version (broker/protocol)";
    case 2:
    case MQTTREASONCODE_CLIENT_IDENTIFIER_NOT_VALID:
        return "the broker refuses the client id (broker/client_id)";
    case 3:
    case MQTTREASONCODE_SERVER_UNAVAILABLE:
        return "the broker says that it is unavailable";
    case 4:
    case 5:
    case MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD:
    case MQTTREASONCODE_NOT_AUTHORIZED:
        return "the broker refuses the user name or password (broker/username, "
               "broker/password_file)";
    default:
        return NULL;
    }
}

static void failed(struct link *link, int code, const char *message)
{
    const char *words = refusal(code);
    char text[200];
    bool tls = strncmp(link->options->url, "mqtts:", 6) == 0;
    if (words)
        snprintf(text, sizeof text, "%s", words);
    else if (tls && code < 0)
        snprintf(text, sizeof text,
                 "can't connect, or its certificate is not for this host "
                 "or not signed by broker/ca_file (%s)",
                 message ? message : "no answer");
    else
        snprintf(text, sizeof text, "can't connect: %s", message ? message : "no answer");
    set_state(link, LINK_DOWN, text);
}

static void on_failed(void *context, MQTTAsync_failureData *data)
{
    failed(context, data ? data->code : 0, data ? data->message : NULL);
}

static void on_failed5(void *context, MQTTAsync_failureData5 *data)
{
    int code = data ? data->code : 0;
    if (data && data->reasonCode >= MQTTREASONCODE_UNSPECIFIED_ERROR)
        code = (int)data->reasonCode;
    failed(context, code, data ? data->message : NULL);
}

static void on_lost(void *context, char *cause)
{
    struct link *link = context;
    set_state(link, LINK_DOWN, cause ? cause : "connection lost");
    MQTTAsync_free(cause);
}

static int on_tls_error(const char *text, size_t length, void *context)
{
    struct link *link = context;
    while (length && (text[length - 1] == '\n' || text[length - 1] == ' '))
        length--;
    pthread_mutex_lock(link->mutex);
    snprintf(link->tls_error, sizeof link->tls_error, "%.*s", (int)length, text);
    pthread_mutex_unlock(link->mutex);
    return 1;
}

static int seconds(double s)
{
    return s > 65535 ? 65535 : (int)ceil(s);
}

static void add_property(MQTTProperties *properties, enum MQTTPropertyCodes code,
                         unsigned n)
{
    MQTTProperty property = {.identifier = code};
    if (code == MQTTPROPERTY_CODE_RECEIVE_MAXIMUM)
        property.value.integer2 = (unsigned short)n;
    else
        property.value.integer4 = n;
    MQTTProperties_add(properties, &property);
}

static MQTTAsync_SSLOptions tls_options(struct link *link)
{
    const struct mqtt_options *o = link->options;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.trustStore = o->ca_file;
    tls.disableDefaultTrustStore = o->ca_file != NULL;
    tls.keyStore = o->cert_file;
    tls.privateKey = o->key_file;
    tls.enableServerCertAuth = 1;
    tls.verify = 1; /* that the certificate is this host's */
    tls.sslVersion = MQTT_SSL_VERSION_TLS_1_2;
    tls.ssl_error_cb = on_tls_error;
    tls.ssl_error_context = link;
    return tls;
}

static void set_version(const struct link *link, MQTTAsync_connectOptions *connect,
                        MQTTProperties *properties)
{
    if (!link->options->version5) {
        connect->MQTTVersion = MQTTVERSION_3_1_1;
        connect->cleansession = link->clean;
        connect->onSuccess = on_connected;
        connect->onFailure = on_failed;
        return;
    }
    double expiry = link->clean ? 0 : link->options->session_expiry;
    add_property(properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
                 expiry >= 4294967295.0 ? UINT32_MAX : (unsigned)expiry);
    add_property(properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, RECEIVE_MAXIMUM);
    connect->cleanstart = link->clean;
    connect->connectProperties = properties;
    connect->onSuccess5 = on_connected5;
    connect->onFailure5 = on_failed5;
}

void link_connect(struct link *link)
{
    const struct mqtt_options *o = link->options;
    const MQTTAsync_connectOptions v3 = MQTTAsync_connectOptions_initializer;
    const MQTTAsync_connectOptions v5 = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_connectOptions connect = o->version5 ? v5 : v3;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTAsync_SSLOptions tls = tls_options(link);
    will.topicName = link->will_topic;
    will.message = "offline";
    will.retained = 1;
    will.qos = 1;
    connect.will = link->will_topic ? &will : NULL;
    connect.keepAliveInterval = seconds(o->keepalive);
    connect.connectTimeout = CONNECT_SECONDS;
    connect.maxInflight = IN_FLIGHT;
    connect.username = o->username;
    connect.password = o->password;
    connect.ssl = strncmp(o->url, "mqtts:", 6) == 0 ? &tls : NULL;
    connect.context = link;
    set_version(link, &connect, &properties);
    link->tls_error[0] = 0;
    set_state(link, LINK_CONNECTING, NULL);
    int rc = MQTTAsync_connect(link->client, &connect);
    if (rc != MQTTASYNC_SUCCESS)
        failed(link, rc, MQTTAsync_strerror(rc));
    MQTTProperties_free(&properties);
}

/* -- disconnecting -- */

static void on_closed(void *context, MQTTAsync_successData *data)
{
    (void)data;
    set_state(context, LINK_DOWN, NULL);
}

static void on_closed5(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    set_state(context, LINK_DOWN, NULL);
}

static void on_not_closed(void *context, MQTTAsync_failureData *data)
{
    (void)data;
    set_state(context, LINK_DOWN, NULL);
}

static void on_not_closed5(void *context, MQTTAsync_failureData5 *data)
{
    (void)data;
    set_state(context, LINK_DOWN, NULL);
}

void link_disconnect(struct link *link, int milliseconds)
{
    const MQTTAsync_disconnectOptions v3 = MQTTAsync_disconnectOptions_initializer;
    const MQTTAsync_disconnectOptions v5 = MQTTAsync_disconnectOptions_initializer5;
    MQTTAsync_disconnectOptions options = link->options->version5 ? v5 : v3;
    options.timeout = milliseconds;
    options.context = link;
    if (link->options->version5) {
        options.onSuccess5 = on_closed5;
        options.onFailure5 = on_not_closed5;
    } else {
        options.onSuccess = on_closed;
        options.onFailure = on_not_closed;
    }
    set_state(link, LINK_CLOSING, NULL);
    if (MQTTAsync_disconnect(link->client, &options) != MQTTASYNC_SUCCESS)
        set_state(link, LINK_DOWN, NULL);
}

/* -- messages in -- */

static void read_properties(MQTTProperties *properties, struct mqtt_message *m,
                            char response_topic[], size_t room)
{
    MQTTProperty *topic =
        MQTTProperties_getProperty(properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC);
    MQTTProperty *data =
        MQTTProperties_getProperty(properties, MQTTPROPERTY_CODE_CORRELATION_DATA);
    if (topic && topic->value.data.len > 0 && (size_t)topic->value.data.len < room) {
        snprintf(response_topic, room, "%.*s", topic->value.data.len,
                 topic->value.data.data);
        m->response_topic = response_topic;
    }
    if (data) {
        m->correlation = data->value.data.data;
        m->correlation_length = (size_t)data->value.data.len;
    }
}

/* Paho's objects are freed here: on another thread that costs four times as much. */
static int on_arrived(void *context, char *topic, int topic_length,
                      MQTTAsync_message *message)
{
    struct link *link = context;
    char response_topic[512];
    struct mqtt_message m = {
        .topic = topic,
        .topic_length = topic_length ? (size_t)topic_length : strlen(topic),
        .payload = message->payload,
        .payload_length = (size_t)message->payloadlen,
        .packet_id = message->qos ? (uint16_t)message->msgid : 0,
        .dup = message->dup,
        .retained = message->retained,
    };
    if (message->properties.count > 0)
        read_properties(&message->properties, &m, response_topic, sizeof response_topic);
    link->hooks.arrived(link->hooks.context, &m);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

/* -- opening -- */

/* Paho's own names for the schemes, with the usual port where none is given. */
static void broker_uri(const char *url, char *text, size_t room)
{
    bool tls = strncmp(url, "mqtts://", 8) == 0;
    const char *host = strstr(url, "://") + 3;
    const char *end = strchr(host, ']'); /* of an IPv6 address */
    size_t length = strcspn(host, "/");
    bool port = strchr(end ? end : host, ':') != NULL;
    snprintf(text, room, "%s://%.*s%s", tls ? "ssl" : "tcp", (int)length, host,
             port  ? ""
             : tls ? ":8883"
                   : ":1883");
}

bool link_open(struct link *link, struct err *e)
{
    char uri[512];
    broker_uri(link->options->url, uri, sizeof uri);
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
    create.MQTTVersion = link->options->version5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
    create.maxBufferedMessages = IN_FLIGHT;
    MQTTAsync client;
    int rc = MQTTAsync_createWithOptions(&client, uri, link->client_id,
                                         MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
    if (rc != MQTTASYNC_SUCCESS)
        return err_set(e, "broker %s, client id %s: %s", link->options->url,
                       link->client_id, MQTTAsync_strerror(rc));
    link->client = client;
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    MQTTAsync_setCallbacks(client, link, on_lost, on_arrived, NULL);
    return true;
}

void link_destroy(struct link *link)
{
    if (link->client)
        MQTTAsync_destroy(&link->client);
    free(link->client_id);
    free(link->codes);
}
