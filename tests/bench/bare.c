/* bare PORT MESSAGES [quiet]: a bare Paho subscriber that only counts QoS 1 messages, as
 * anybody would write it (`quiet`: with Paho's trace at errors only). Prints "ready" when
 * subscribed; at the end its CPU time in one JSON line. */
#include <MQTTAsync.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static atomic_ulong arrived;
static atomic_bool ready;

static int on_message(void *context, char *topic, int length, MQTTAsync_message *message)
{
    (void)context, (void)length;
    atomic_fetch_add(&arrived, 1);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void on_subscribed(void *context, MQTTAsync_successData *data)
{
    (void)context, (void)data;
    atomic_store(&ready, true);
}

static void on_connected(void *context, MQTTAsync_successData *data)
{
    (void)data;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.onSuccess = on_subscribed;
    MQTTAsync_subscribe(context, "bench/#", 1, &options);
}

static void nap(void)
{
    nanosleep(&(struct timespec){0, 5000000}, NULL);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    char url[64];
    unsigned long n = strtoul(argv[2], NULL, 10);
    MQTTAsync client;
    if (argc > 3)
        MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    snprintf(url, sizeof url, "tcp://127.0.0.1:%s", argv[1]);
    MQTTAsync_create(&client, url, "bench-bare", MQTTCLIENT_PERSISTENCE_NONE, NULL);
    MQTTAsync_setCallbacks(client, NULL, NULL, on_message, NULL);
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    options.cleansession = 1;
    options.onSuccess = on_connected;
    options.context = client;
    if (MQTTAsync_connect(client, &options) != MQTTASYNC_SUCCESS)
        return 3;
    while (!atomic_load(&ready))
        nap();
    puts("ready");
    fflush(stdout);
    while (atomic_load(&arrived) < n)
        nap();
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    double cpu = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                 (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
    printf("{\"messages\": %lu, \"cpu\": %.6f}\n", n, cpu);
    return 0;
}
