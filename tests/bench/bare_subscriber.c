/* What receiving alone costs: an ordinary Paho program (MQTTAsync with its default
 * settings) that only counts QoS 1 messages.
 *
 *     bare_subscriber PORT FILTER N [--quiet-trace]
 *
 * prints "subscribed" on stderr when it is, and after N messages one line of JSON: CPU time
 * of the whole process (getrusage) since the first message. --quiet-trace turns Paho's
 * in-memory trace off. */
#include <MQTTAsync.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct counter {
    MQTTAsync client;
    const char *filter;
    unsigned long n, wanted;
    double cpu, wall;
    pthread_mutex_t mutex;
    pthread_cond_t done;
};

static double cpu_seconds(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

static double wall_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int on_message(void *context, char *topic, int length, MQTTAsync_message *message)
{
    struct counter *counter = context;
    (void)length;
    if (counter->n++ == 0) {
        counter->cpu = cpu_seconds();
        counter->wall = wall_seconds();
    }
    if (counter->n == counter->wanted) {
        pthread_mutex_lock(&counter->mutex);
        pthread_cond_signal(&counter->done);
        pthread_mutex_unlock(&counter->mutex);
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void on_subscribed(void *context, MQTTAsync_successData *data)
{
    (void)context;
    (void)data;
    fprintf(stderr, "subscribed\n");
}

static void on_failure(void *context, MQTTAsync_failureData *data)
{
    (void)context;
    fprintf(stderr, "failed: %s\n", data && data->message ? data->message : "?");
    exit(3);
}

static void on_connected(void *context, MQTTAsync_successData *data)
{
    struct counter *counter = context;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    (void)data;
    options.onSuccess = on_subscribed;
    options.onFailure = on_failure;
    MQTTAsync_subscribe(counter->client, counter->filter, 1, &options);
}

static void connect_client(struct counter *counter, const char *port)
{
    char uri[64];
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%s", port);
    MQTTAsync_create(&counter->client, uri, "bare-subscriber", MQTTCLIENT_PERSISTENCE_NONE,
                     NULL);
    MQTTAsync_setCallbacks(counter->client, counter, NULL, on_message, NULL);
    options.context = counter;
    options.onSuccess = on_connected;
    options.onFailure = on_failure;
    if (MQTTAsync_connect(counter->client, &options) != MQTTASYNC_SUCCESS)
        exit(3);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: bare_subscriber PORT FILTER N [--quiet-trace]\n");
        return 2;
    }
    struct counter counter = {.filter = argv[2], .wanted = strtoul(argv[3], NULL, 10)};
    pthread_mutex_init(&counter.mutex, NULL);
    pthread_cond_init(&counter.done, NULL);
    if (argc > 4 && strcmp(argv[4], "--quiet-trace") == 0)
        MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    pthread_mutex_lock(&counter.mutex);
    connect_client(&counter, argv[1]);
    while (counter.n < counter.wanted)
        pthread_cond_wait(&counter.done, &counter.mutex);
    double cpu = cpu_seconds() - counter.cpu, wall = wall_seconds() - counter.wall;
    printf(
        "{\"messages\":%lu,\"cpu_s\":%.6f,\"cpu_us_per_message\":%.3f,\"seconds\":%.6f}\n",
        counter.n, cpu, cpu / (double)counter.n * 1e6, wall);
    fflush(stdout);
    _exit(0); /* Paho's threads may still be in the callback */
}
