/* A lean NBD client that keeps a number of requests in flight and measures them.
 *
 *   bench-client ADDRESS EXPORT random|sequential BLOCK DEPTH READ_PERCENT SECONDS
 *   bench-client ADDRESS EXPORT fill
 *
 * It sends all requests that it may in one call and takes all replies that there are in one call, so
 * that its own cost is small and the same for every server. Prints one line:
 *   operations SECONDS p50 p99 p999 (in nanoseconds)
 */
#include "nbd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MAX_DEPTH = 128, MAX_BLOCK = 1 << 20, RECEIVE = 512 << 10, SUB_BUCKETS = 64, BUCKETS = 40 * SUB_BUCKETS };

static int fd;
static uint64_t device_size;
static uint32_t block;
static unsigned depth, read_percent, is_sequential;

static struct request requests[MAX_DEPTH];
static uint64_t sent_at[MAX_DEPTH];
static uint16_t command_of[MAX_DEPTH];
static char *payload;
static char *received;

static uint32_t histogram[BUCKETS];
static uint64_t operations;
static uint64_t next_block;
static uint64_t random_state = 0x9e3779b97f4a7c15ull;

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static uint64_t draw(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Buckets of 1/64 of a power of two: two digits of every latency are right. */
static unsigned bucket_of(uint64_t value) {
    if (value < SUB_BUCKETS) {
        return (unsigned)value;
    }
    unsigned power = 63u - (unsigned)__builtin_clzll(value);
    unsigned bucket = (power - 5) * SUB_BUCKETS + (unsigned)((value >> (power - 6)) & (SUB_BUCKETS - 1));
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static uint64_t value_of(unsigned bucket) {
    if (bucket < SUB_BUCKETS) {
        return bucket;
    }
    unsigned power = bucket / SUB_BUCKETS + 5;
    return (1ull << power) + ((uint64_t)(bucket % SUB_BUCKETS) << (power - 6));
}

static uint64_t percentile(double share) {
    uint64_t target = (uint64_t)((double)operations * share), seen = 0;
    for (unsigned i = 0; i < BUCKETS; i++) {
        seen += histogram[i];
        if (seen > target) {
            return value_of(i);
        }
    }
    return 0;
}

static void prepare(unsigned slot) {
    uint64_t blocks = device_size / block;
    uint64_t at = is_sequential ? next_block++ % blocks : draw() % blocks;
    command_of[slot] = draw() % 100 < read_percent ? CMD_READ : CMD_WRITE;
    requests[slot] = (struct request){.magic = htobe32(REQUEST_MAGIC),
                                      .command = htobe16(command_of[slot]),
                                      .cookie = slot,
                                      .offset = htobe64(at * block),
                                      .length = htobe32(block)};
}

static void send_all(struct iovec *parts, int count) {
    while (count > 0) {
        ssize_t put = writev(fd, parts, count);
        if (put <= 0) {
            die("sending requests");
        }
        size_t left = (size_t)put;
        while (count > 0 && left >= parts->iov_len) {
            left -= parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
}

static void submit(const unsigned *slots, unsigned count) {
    struct iovec parts[2 * MAX_DEPTH];
    int part_count = 0;
    uint64_t now = nanoseconds();
    for (unsigned i = 0; i < count; i++) {
        unsigned slot = slots[i];
        prepare(slot);
        sent_at[slot] = now;
        parts[part_count++] = (struct iovec){&requests[slot], sizeof requests[slot]};
        if (command_of[slot] == CMD_WRITE) {
            parts[part_count++] = (struct iovec){payload, block};
        }
    }
    send_all(parts, part_count);
}

/* Takes what has arrived and answers how many slots are free again. A reply's header may be torn
 * over two receives, its data over many. */
static unsigned collect(unsigned *free_slots) {
    static struct reply header;
    static size_t header_length, data_left;
    unsigned count = 0;
    while (count == 0) {
        ssize_t got = read(fd, received, RECEIVE);
        if (got <= 0) {
            die("receiving replies");
        }
        uint64_t now = nanoseconds();
        for (char *at = received, *end = received + got; at < end;) {
            if (data_left == 0) {
                size_t here = sizeof header - header_length;
                here = here < (size_t)(end - at) ? here : (size_t)(end - at);
                memcpy((char *)&header + header_length, at, here);
                header_length += here;
                at += here;
                if (header_length < sizeof header) {
                    break;
                }
                if (header.magic != htobe32(REPLY_MAGIC) || header.error != 0 || header.cookie >= depth) {
                    errno = 0;
                    die("a wrong reply");
                }
                data_left = command_of[header.cookie] == CMD_READ ? block : 0;
            }
            size_t here = data_left < (size_t)(end - at) ? data_left : (size_t)(end - at);
            at += here;
            data_left -= here;
            if (data_left == 0) {
                header_length = 0;
                histogram[bucket_of(now - sent_at[header.cookie])]++;
                operations++;
                free_slots[count++] = (unsigned)header.cookie;
            }
        }
    }
    return count;
}

static void run(double seconds, int whole_device) {
    unsigned slots[MAX_DEPTH] = {0}, count = depth, in_flight = depth;
    for (unsigned i = 0; i < depth; i++) {
        slots[i] = i;
    }
    uint64_t start = nanoseconds(), end = start + (uint64_t)(seconds * 1e9);
    submit(slots, count);
    while (in_flight > 0) {
        count = collect(slots);
        if (whole_device ? next_block < device_size / block : nanoseconds() < end) {
            submit(slots, count);
        } else {
            in_flight -= count;
        }
    }
    double elapsed = (double)(nanoseconds() - start) / 1e9;
    printf("%lu %.6f %lu %lu %lu\n", operations, elapsed, percentile(0.5), percentile(0.99), percentile(0.999));
}

int main(int argc, char **argv) {
    int is_fill = argc == 4 && strcmp(argv[3], "fill") == 0;
    if (argc != 8 && !is_fill) {
        die("usage: bench-client ADDRESS EXPORT random|sequential BLOCK DEPTH READ_PERCENT SECONDS");
    }
    is_sequential = is_fill || strcmp(argv[3], "sequential") == 0;
    block = is_fill ? 128 << 10 : (uint32_t)atoi(argv[4]);
    depth = is_fill ? 4 : (unsigned)atoi(argv[5]);
    read_percent = is_fill ? 0 : (unsigned)atoi(argv[6]);
    if (depth < 1 || depth > MAX_DEPTH || block < 1 || block > MAX_BLOCK) {
        die("impossible depth or block");
    }
    payload = malloc(MAX_BLOCK);
    received = malloc(RECEIVE);
    if (payload == NULL || received == NULL) {
        die("memory");
    }
    for (size_t i = 0; i < MAX_BLOCK; i++) {
        payload[i] = (char)draw();
    }
    memset(received, 0, RECEIVE);
    fd = connect_to(argv[1]);
    device_size = enter(fd, argv[2]);
    if (device_size < block) {
        die("the device is too small");
    }
    run(is_fill ? 0 : atof(argv[7]), is_fill);
    struct request goodbye = {.magic = htobe32(REQUEST_MAGIC), .command = htobe16(CMD_DISC)};
    write_fully(fd, &goodbye, sizeof goodbye);
    return 0;
}
