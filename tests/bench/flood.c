/* The cheapest publisher that can be had: MQTT 3.1.1 QoS 1 over a raw socket, the packets
 * of all topics encoded beforehand, only the packet id and a counter change.
 *
 *     flood PORT N [-t TOPIC] [-n TOPICS] [-p PAYLOAD] [-r RATE] [-w WINDOW]
 *
 * TOPIC may hold one %d: the message's number modulo TOPICS. PAYLOAD may hold one %d: the
 * message's number, as 10 digits with leading spaces; @, up to four times, is a digit that
 * goes up and down with the topic's messages (0 1 .. 9 8 .. 0 1). RATE: messages a second
 * (0: as fast as it goes); WINDOW: at most so many without PUBACK (default 200). Prints one
 * line of JSON. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { NUMBER = 10, WAVES = 4, OUT = 1 << 16, IN = 1 << 16 };

struct packet {
    unsigned char *bytes;
    size_t length, id_at, number_at; /* number_at 0: none */
    size_t n_waves, wave_at[WAVES];
};

struct flood {
    int fd, port;
    unsigned long n, sent, acked;
    long topics, window;
    double rate;
    const char *topic, *payload;
    struct packet *packets;
    unsigned char out[OUT], in[IN];
    size_t out_used, in_used;
};

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static void die(const char *what)
{
    perror(what);
    exit(3);
}

static void *room(size_t n, size_t size)
{
    void *memory = calloc(n, size);
    if (!memory)
        die("memory");
    return memory;
}

/* Expands the one %d, by a number or by blanks whose place is told. */
static size_t expand(char *to, size_t size, const char *from, long number, size_t *at)
{
    const char *mark = strstr(from, "%d");
    int head = mark ? (int)(mark - from) : 0, used;
    if (at)
        *at = (size_t)head;
    if (!mark)
        used = snprintf(to, size, "%s", from);
    else if (at)
        used = snprintf(to, size, "%.*s%*s%s", head, from, NUMBER, "", mark + 2);
    else
        used = snprintf(to, size, "%.*s%ld%s", head, from, number, mark + 2);
    if (used < 0 || (size_t)used >= size) {
        fprintf(stderr, "topic or payload too long\n");
        exit(2);
    }
    return (size_t)used;
}

static struct packet encode(const struct flood *flood, long index)
{
    char topic[1000], payload[8000];
    size_t number_at = 0;
    bool numbered = strstr(flood->payload, "%d") != NULL;
    size_t topic_length = expand(topic, sizeof topic, flood->topic, index, NULL);
    size_t length = expand(payload, sizeof payload, flood->payload, 0, &number_at);
    size_t left = 2 + topic_length + 2 + length, used = 1;
    struct packet packet = {.bytes = room(left + 6, 1)};
    packet.bytes[0] = 0x32; /* PUBLISH, QoS 1 */
    for (size_t rest = left; rest || used == 1; rest >>= 7)
        packet.bytes[used++] = (unsigned char)((rest & 127) | (rest > 127 ? 128 : 0));
    packet.bytes[used++] = (unsigned char)(topic_length >> 8);
    packet.bytes[used++] = (unsigned char)topic_length;
    memcpy(packet.bytes + used, topic, topic_length);
    packet.id_at = used + topic_length;
    memcpy(packet.bytes + packet.id_at + 2, payload, length);
    packet.number_at = numbered ? packet.id_at + 2 + number_at : 0;
    packet.length = packet.id_at + 2 + length;
    for (size_t at = packet.id_at + 2; at < packet.length && packet.n_waves < WAVES; at++)
        if (packet.bytes[at] == '@')
            packet.wave_at[packet.n_waves++] = at;
    return packet;
}

static void connect_broker(struct flood *flood)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)flood->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    flood->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(flood->fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("connect");
    setsockopt(flood->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    char id[24];
    int n = snprintf(id, sizeof id, "flood-%ld", (long)getpid());
    unsigned char hello[64] = {
        0x10, (unsigned char)(12 + n), 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0,
        0,    (unsigned char)n};
    memcpy(hello + 14, id, (size_t)n);
    unsigned char answer[4];
    if (write(flood->fd, hello, (size_t)(14 + n)) != 14 + n ||
        recv(flood->fd, answer, 4, MSG_WAITALL) != 4 || answer[0] != 0x20 ||
        answer[3] != 0) {
        fprintf(stderr, "the broker refuses the connection\n");
        exit(3);
    }
}

static void append(struct flood *flood)
{
    struct packet *packet = &flood->packets[flood->sent % (unsigned long)flood->topics];
    unsigned id = (unsigned)(flood->sent % 65535) + 1;
    packet->bytes[packet->id_at] = (unsigned char)(id >> 8);
    packet->bytes[packet->id_at + 1] = (unsigned char)id;
    unsigned long round = flood->sent / (unsigned long)flood->topics % 18;
    for (size_t i = 0; i < packet->n_waves; i++)
        packet->bytes[packet->wave_at[i]] =
            (unsigned char)('0' + (round < 10 ? round : 18 - round));
    unsigned long number = flood->sent++;
    for (int i = NUMBER; packet->number_at && i-- > 0; number /= 10)
        packet->bytes[packet->number_at + (size_t)i] =
            (unsigned char)(number || i == NUMBER - 1 ? '0' + number % 10 : ' ');
    memcpy(flood->out + flood->out_used, packet->bytes, packet->length);
    flood->out_used += packet->length;
}

static void fill(struct flood *flood, double since)
{
    size_t longest =
        flood->packets[flood->topics - 1].length; /* its number is the longest */
    unsigned long due = flood->rate > 0 ? (unsigned long)(since * flood->rate) : flood->n;
    while (flood->sent < flood->n && flood->sent < due &&
           flood->sent - flood->acked < (unsigned long)flood->window &&
           flood->out_used + longest <= OUT)
        append(flood);
}

static void flush(struct flood *flood)
{
    if (flood->out_used == 0)
        return;
    ssize_t written =
        send(flood->fd, flood->out, flood->out_used, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written <= 0)
        return;
    flood->out_used -= (size_t)written;
    memmove(flood->out, flood->out + written, flood->out_used);
}

static void take_acks(struct flood *flood)
{
    ssize_t got =
        recv(flood->fd, flood->in + flood->in_used, IN - flood->in_used, MSG_DONTWAIT);
    if (got == 0) {
        fprintf(stderr, "the broker closed the connection\n");
        exit(3);
    }
    if (got < 0)
        return;
    flood->in_used += (size_t)got;
    size_t at = 0;
    for (; at + 2 <= flood->in_used && at + 2 + flood->in[at + 1] <= flood->in_used;
         at += 2u + flood->in[at + 1])
        flood->acked += flood->in[at] == 0x40;
    flood->in_used -= at;
    memmove(flood->in, flood->in + at, flood->in_used);
}

static int wait_ms(const struct flood *flood, double since)
{
    if (flood->rate <= 0 || flood->sent >= flood->n)
        return 100;
    double due = ((double)flood->sent + 1) / flood->rate - since;
    return due <= 0 ? 0 : due < 0.002 ? 1 : (int)(due * 1e3);
}

static double run(struct flood *flood)
{
    double begin = now(), heard = begin;
    while (flood->acked < flood->n) {
        double since = now() - begin;
        unsigned long acked = flood->acked;
        fill(flood, since);
        flush(flood);
        struct pollfd wait = {.fd = flood->fd,
                              .events = (short)(POLLIN | (flood->out_used ? POLLOUT : 0))};
        poll(&wait, 1, wait_ms(flood, since));
        take_acks(flood);
        if (flood->acked != acked || flood->rate > 0)
            heard = now();
        if (now() - heard > 30)
            break; /* what was sent and not acknowledged shows in the numbers */
    }
    return now() - begin;
}

static void read_options(struct flood *flood, int argc, char **argv)
{
    for (int option; (option = getopt(argc, argv, "t:n:p:r:w:")) != -1;) {
        switch (option) {
        case 't':
            flood->topic = optarg;
            break;
        case 'n':
            flood->topics = strtol(optarg, NULL, 10);
            break;
        case 'p':
            flood->payload = optarg;
            break;
        case 'r':
            flood->rate = strtod(optarg, NULL);
            break;
        case 'w':
            flood->window = strtol(optarg, NULL, 10);
            break;
        default:
            exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    static struct flood flood = {
        .topics = 1, .window = 200, .topic = "flood/%d", .payload = "{\"n\":%d}"};
    if (argc < 3) {
        fprintf(stderr, "usage: flood PORT N [-t TOPIC] [-n TOPICS] [-p PAYLOAD] [-r RATE] "
                        "[-w WINDOW]\n");
        return 2;
    }
    flood.port = atoi(argv[1]);
    flood.n = strtoul(argv[2], NULL, 10);
    read_options(&flood, argc - 2, argv + 2);
    if (flood.topics < 1 || flood.window < 1 || flood.window > 60000)
        return 2;
    flood.packets = room((size_t)flood.topics, sizeof *flood.packets);
    for (long i = 0; i < flood.topics; i++)
        flood.packets[i] = encode(&flood, i);
    connect_broker(&flood);
    double seconds = run(&flood);
    printf("{\"sent\":%lu,\"acked\":%lu,\"seconds\":%.6f,\"per_second\":%.0f}\n",
           flood.sent, flood.acked, seconds, (double)flood.acked / seconds);
    static const unsigned char bye[2] = {0xE0, 0};
    ssize_t written = write(flood.fd, bye, 2);
    (void)written;
    return flood.acked == flood.n ? 0 : 3;
}
