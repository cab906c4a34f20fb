/* What the design costs without Java: a memory server and a pump in C, and the wire alone.
 *
 *   bench-floor memory ADDRESS BYTES     serves memory, many requests and replies a call
 *   bench-floor pump FROM TO             moves bytes between a client and a server, and nothing else
 *   bench-floor echo FROM TO             a ping-pong of 4 KiB over both, without any protocol
 *   bench-floor ping ADDRESS SECONDS     its client; prints round trips a second
 *
 * The pump does less than any that keeps requests until they are answered has to: it is a floor.
 */
#include "nbd.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 512 << 10, BATCH = 256 << 10, COPIED = 32 << 10, PAGE = 4096 };

static char *memory;
static uint64_t memory_size;

static void *allocate(size_t size) {
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        die("mmap");
    }
    madvise(at, size, MADV_HUGEPAGE);
    memset(at, 0, size);
    return at;
}

struct out {
    int fd;
    size_t length;
    char *bytes;
};

static void flush(struct out *out) {
    write_fully(out->fd, out->bytes, out->length);
    out->length = 0;
}

static void send_with(struct out *out, const char *data, size_t length) {
    struct iovec parts[2] = {{out->bytes, out->length}, {(char *)data, length}};
    ssize_t put = writev(out->fd, parts, 2);
    if (put <= 0) {
        die("sending a reply");
    }
    size_t sent = (size_t)put;
    if (sent < out->length) {
        write_fully(out->fd, out->bytes + sent, out->length - sent);
        sent = out->length;
    }
    write_fully(out->fd, data + (sent - out->length), length - (sent - out->length));
    out->length = 0;
}

static void execute(const struct request *request, const char *data, struct out *out) {
    uint64_t offset = be64toh(request->offset);
    uint32_t length = be32toh(request->length);
    if (offset > memory_size || length > memory_size - offset) {
        errno = 0;
        die("a request past the end");
    }
    int is_read = be16toh(request->command) == CMD_READ;
    size_t needed = sizeof(struct reply) + (is_read && length <= COPIED ? length : 0);
    if (out->length + needed > BUFFER) {
        flush(out);
    }
    struct reply reply = {htobe32(REPLY_MAGIC), 0, request->cookie};
    memcpy(out->bytes + out->length, &reply, sizeof reply);
    out->length += sizeof reply;
    if (!is_read) {
        memcpy(memory + offset, data, length);
    } else if (length > COPIED) {
        send_with(out, memory + offset, length);
    } else {
        memcpy(out->bytes + out->length, memory + offset, length);
        out->length += length;
    }
}

static void *serve(void *argument) {
    int fd = (int)(intptr_t)argument;
    admit(fd, memory_size);
    char *in = allocate(BUFFER);
    struct out out = {fd, 0, allocate(BUFFER)};
    size_t start = 0, end = 0;
    while (1) {
        if (start == end) {
            start = end = 0;
        } else if (end + BATCH > BUFFER) {
            memmove(in, in + start, end - start);
            end -= start;
            start = 0;
        }
        ssize_t got = read(fd, in + end, BUFFER - end < BATCH ? BUFFER - end : BATCH);
        if (got <= 0) {
            break;
        }
        end += (size_t)got;
        while (end - start >= sizeof(struct request)) {
            struct request request;
            memcpy(&request, in + start, sizeof request);
            if (be16toh(request.command) == CMD_DISC) {
                goto done;
            }
            size_t data = be16toh(request.command) == CMD_WRITE ? be32toh(request.length) : 0;
            if (end - start < sizeof request + data) {
                break;
            }
            execute(&request, in + start + sizeof request, &out);
            start += sizeof request + data;
        }
        if (out.length > 0) {
            flush(&out);
        }
    }
done:
    close(fd);
    munmap(in, BUFFER);
    munmap(out.bytes, BUFFER);
    return NULL;
}

struct direction {
    int from, to;
};

static void *pump(void *argument) {
    struct direction *way = argument;
    char *bytes = allocate(BATCH);
    ssize_t got;
    while ((got = read(way->from, bytes, BATCH)) > 0) {
        write_fully(way->to, bytes, (size_t)got);
    }
    shutdown(way->to, SHUT_WR);
    munmap(bytes, BATCH);
    return NULL;
}

static void start(pthread_t *thread, void *(*body)(void *), void *argument) {
    if (pthread_create(thread, NULL, body, argument) != 0) {
        die("pthread_create");
    }
}

static void pump_clients(const char *from, const char *to) {
    int listener = listen_at(from);
    while (1) {
        int client = accept_from(listener), server = connect_to(to);
        struct direction forth = {client, server}, back = {server, client};
        pthread_t thread;
        start(&thread, pump, &forth);
        pump(&back);
        pthread_join(thread, NULL);
        close(client);
        close(server);
    }
}

/* Both hops of a ping-pong: takes 4 KiB from the one side, passes it on, brings the answer back. */
static void *echo_far(void *argument) {
    int fd = accept_from((int)(intptr_t)argument);
    char page[PAGE];
    while (1) {
        read_fully(fd, page, sizeof page);
        write_fully(fd, page, sizeof page);
    }
    return NULL;
}

static void echo(const char *from, const char *to) {
    int near = listen_at(from);
    pthread_t thread;
    start(&thread, echo_far, (void *)(intptr_t)listen_at(to));
    int client = accept_from(near), server = connect_to(to);
    char page[PAGE];
    while (1) {
        read_fully(client, page, sizeof page);
        write_fully(server, page, sizeof page);
        read_fully(server, page, sizeof page);
        write_fully(client, page, sizeof page);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void ping(const char *address, double seconds) {
    int fd = connect_to(address);
    char page[PAGE] = {0};
    double begin = now();
    unsigned long round_trips = 0;
    for (; now() < begin + seconds; round_trips++) {
        write_fully(fd, page, sizeof page);
        read_fully(fd, page, sizeof page);
    }
    printf("%.0f\n", (double)round_trips / (now() - begin));
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "memory") == 0) {
        memory_size = strtoull(argv[3], NULL, 10);
        memory = allocate(memory_size);
        for (int listener = listen_at(argv[2]);;) {
            pthread_t thread;
            start(&thread, serve, (void *)(intptr_t)accept_from(listener));
            pthread_detach(thread);
        }
    }
    if (argc == 4 && strcmp(argv[1], "pump") == 0) {
        pump_clients(argv[2], argv[3]);
    }
    if (argc == 4 && strcmp(argv[1], "echo") == 0) {
        echo(argv[2], argv[3]);
    }
    if (argc == 4 && strcmp(argv[1], "ping") == 0) {
        ping(argv[2], atof(argv[3]));
        return 0;
    }
    die("usage: bench-floor memory|pump|echo|ping …");
}
