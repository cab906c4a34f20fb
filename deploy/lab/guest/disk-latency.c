/*
 * How long a disk takes to answer a read, past the guest's caches.
 *
 *   disk-latency PATH MIB READS SEED
 *
 * Reads READS random pages of the disk's first MIB MiB, one after the other (O_DIRECT), and prints
 * "median_ns N" and "p99_ns N".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES_PER_MIB 256
#define READS_MAX 100000

static uint64_t took[READS_MAX];

static bool number(const char *text, uint64_t most, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == 0 && *value > 0 && *value <= most;
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    uint64_t mib, reads, state;
    if (argc != 5 || !number(argv[2], 1 << 20, &mib) || !number(argv[3], READS_MAX, &reads) ||
        !number(argv[4], UINT64_MAX, &state)) {
        fprintf(stderr, "usage: disk-latency PATH MIB READS SEED\n");
        return 2;
    }
    int disk = open(argv[1], O_RDONLY | O_DIRECT | O_CLOEXEC);
    void *page = aligned_alloc(PAGE, PAGE);
    if (disk < 0 || page == NULL) {
        perror(argv[1]);
        return 1;
    }
    for (uint64_t i = 0; i < reads; i++) {
        state ^= state << 13; /* Marsaglia's xorshift64 */
        state ^= state >> 7;
        state ^= state << 17;
        off_t at = (off_t)(state % (mib * PAGES_PER_MIB)) * PAGE;
        uint64_t start = now();
        if (pread(disk, page, PAGE, at) != PAGE) {
            perror("disk-latency: read");
            return 1;
        }
        took[i] = now() - start;
    }
    qsort(took, reads, sizeof took[0], compare);
    printf("median_ns %llu\np99_ns %llu\n", (unsigned long long)took[reads / 2],
           (unsigned long long)took[reads * 99 / 100]);
    return 0;
}
