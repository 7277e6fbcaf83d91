/* What goes out over a link: publications, subscriptions. MQTT 5 has answers of its own
 * types; each pair of callbacks ends in the same function. */
#include "mqtt_link.h"

#include "twind/mem.h"
#include "twind/outbox.h"

#include <MQTTAsync.h>
#include <stdlib.h>

enum { REFUSED = 0x80, BATCH_MAX = 1000 };

/* -- publishing -- */

static void ended(struct link_publication *p, enum link_sent how, int code)
{
    p->ended(p, how, code);
}

static void on_sent(void *context, MQTTAsync_successData *data)
{
    (void)data;
    ended(context, LINK_SENT, 0);
}

static void on_sent5(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    ended(context, LINK_SENT, 0);
}

static void on_unsent(void *context, MQTTAsync_failureData *data)
{
    ended(context, LINK_LOST, data ? data->code : 0);
}

static void on_unsent5(void *context, MQTTAsync_failureData5 *data)
{
    bool refused = data && data->reasonCode >= MQTTREASONCODE_UNSPECIFIED_ERROR;
    ended(context, refused ? LINK_REFUSED : LINK_LOST, data ? (int)data->reasonCode : 0);
}

static void add_correlation(MQTTProperties *properties, const struct outbox_item *item)
{
    MQTTProperty property = {.identifier = MQTTPROPERTY_CODE_CORRELATION_DATA};
    property.value.data.data = (char *)item->correlation;
    property.value.data.len = (int)item->correlation_length;
    MQTTProperties_add(properties, &property);
}

bool link_publish(struct link *link, const struct outbox_item *item,
                  struct link_publication *publication)
{
    bool version5 = link->options->version5;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    MQTTAsync_message message = MQTTAsync_message_initializer;
    message.payload = (void *)item->payload;
    message.payloadlen = (int)item->length;
    message.qos = item->flags & MQTT_QOS1 ? 1 : 0;
    message.retained = item->flags & MQTT_RETAIN ? 1 : 0;
    if (version5 && item->correlation)
        add_correlation(&message.properties, item);
    if (publication) {
        publication->link = link;
        response.context = publication;
        response.onSuccess = version5 ? NULL : on_sent;
        response.onFailure = version5 ? NULL : on_unsent;
        response.onSuccess5 = version5 ? on_sent5 : NULL;
        response.onFailure5 = version5 ? on_unsent5 : NULL;
    }
    int rc = MQTTAsync_sendMessage(link->client, item->topic, &message, &response);
    MQTTProperties_free(&message.properties);
    return rc == MQTTASYNC_SUCCESS;
}

/* -- subscribing -- */

/* The answer's codes; `all` counts where there is no list. */
struct answer {
    size_t n;
    const int *codes;
    int all;
};

static void answered(struct link *link, const struct answer *answer)
{
    pthread_mutex_lock(link->mutex);
    if (link->batch_open) {
        for (size_t i = 0; i < link->n_codes; i++) {
            int code = answer->codes && i < answer->n ? answer->codes[i] : answer->all;
            link->codes[i] = (unsigned char)(code < 0 || code > 255 ? REFUSED : code);
        }
        link->batch_open = false;
        link->hooks.changed(link->hooks.context);
    }
    pthread_mutex_unlock(link->mutex);
}

static void on_subscribed(void *context, MQTTAsync_successData *data)
{
    struct link *link = context;
    bool one = link->n_codes == 1;
    const struct answer answer = {link->n_codes, one || !data ? NULL : data->alt.qosList,
                                  one && data ? data->alt.qos : 0};
    answered(link, &answer);
}

static void on_subscribed5(void *context, MQTTAsync_successData5 *data)
{
    struct link *link = context;
    int codes[BATCH_MAX];
    struct answer answer = {0, NULL, data ? (int)data->reasonCode : 0};
    if (data && link->n_codes > 1) { /* for a single one Paho sets no list */
        answer.n = (size_t)data->alt.sub.reasonCodeCount;
        answer.codes = codes;
        for (size_t i = 0; i < answer.n && i < BATCH_MAX; i++)
            codes[i] = (int)data->alt.sub.reasonCodes[i];
    }
    answered(link, &answer);
}

static void on_unsubscribed(void *context, MQTTAsync_successData *data)
{
    (void)data;
    answered(context, &(struct answer){0, NULL, 0});
}

static void on_unsubscribed5(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    answered(context, &(struct answer){0, NULL, 0});
}

static void on_refused(void *context, MQTTAsync_failureData *data)
{
    (void)data;
    answered(context, &(struct answer){0, NULL, REFUSED});
}

static void on_refused5(void *context, MQTTAsync_failureData5 *data)
{
    int code = data ? (int)data->reasonCode : REFUSED;
    answered(context, &(struct answer){0, NULL, code >= REFUSED ? code : REFUSED});
}

static void open_batch(struct link *link, size_t n)
{
    pthread_mutex_lock(link->mutex);
    free(link->codes);
    link->codes = mem_new(n, 1);
    link->n_codes = n;
    link->batch_open = true;
    pthread_mutex_unlock(link->mutex);
}

static bool close_unless(struct link *link, int rc)
{
    if (rc == MQTTASYNC_SUCCESS)
        return true;
    pthread_mutex_lock(link->mutex);
    link->batch_open = false;
    pthread_mutex_unlock(link->mutex);
    return false;
}

static MQTTAsync_responseOptions to_batch(struct link *link)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    bool version5 = link->options->version5;
    response.context = link;
    response.onFailure = version5 ? NULL : on_refused;
    response.onFailure5 = version5 ? on_refused5 : NULL;
    return response;
}

bool link_subscribe(struct link *link, char *const *filters, size_t n)
{
    int qos[BATCH_MAX];
    for (size_t i = 0; i < n; i++)
        qos[i] = 1;
    MQTTAsync_responseOptions response = to_batch(link);
    response.onSuccess = link->options->version5 ? NULL : on_subscribed;
    response.onSuccess5 = link->options->version5 ? on_subscribed5 : NULL;
    open_batch(link, n);
    return close_unless(
        link, MQTTAsync_subscribeMany(link->client, (int)n, filters, qos, &response));
}

bool link_unsubscribe(struct link *link, char *const *filters, size_t n)
{
    MQTTAsync_responseOptions response = to_batch(link);
    response.onSuccess = link->options->version5 ? NULL : on_unsubscribed;
    response.onSuccess5 = link->options->version5 ? on_unsubscribed5 : NULL;
    open_batch(link, n);
    return close_unless(
        link, MQTTAsync_unsubscribeMany(link->client, (int)n, filters, &response));
}
