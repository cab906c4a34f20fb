/* The little of NBD that the benchmark speaks, and sockets. Every failure ends the program: a
 * benchmark that goes on after one measures something else. */
#ifndef MEMFABRIC_BENCH_NBD_H
#define MEMFABRIC_BENCH_NBD_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

enum { CMD_READ = 0, CMD_WRITE = 1, CMD_DISC = 2 };

#define REQUEST_MAGIC 0x25609513u
#define REPLY_MAGIC 0x67446698u

struct request {
    uint32_t magic;
    uint16_t flags;
    uint16_t command;
    uint64_t cookie;
    uint64_t offset;
    uint32_t length;
} __attribute__((packed));

struct reply {
    uint32_t magic;
    uint32_t error;
    uint64_t cookie;
} __attribute__((packed));

noreturn void die(const char *what);

/* unix:PATH or tcp:HOST:PORT */
int connect_to(const char *address);
int listen_at(const char *address);
int accept_from(int listener);

void read_fully(int fd, void *to, size_t length);
void write_fully(int fd, const void *from, size_t length);

/* Enters an export as a client, and answers its size. */
uint64_t enter(int fd, const char *name);

/* Lets a client enter, whatever name it gives. */
void admit(int fd, uint64_t size);

#endif
