/*
 * Writes stamps and verifies them.
 *
 *   workload stamp --mib N [--rounds R] [--hold SECONDS] [--leave MIB] [--pace MIB]
 *   workload device --path /dev/NAME --mib N [--rounds R]
 *
 * A page is 4 KiB; every 512 bytes of it begin with the page's number, the seed and the round, so
 * that a page that is old, torn or another page's shows. Progress goes out line by line; the last
 * line has the counts. With --leave the first round goes no further while the guest could use less
 * than that, swap included: a program that grows with the memory that is there. With --pace it writes
 * no more than that each second. Exit code 0 only where every page was right.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define SECTOR 512
#define PAGES_PER_MIB 256
#define DEVICE_CHUNK (1 << 20)

struct plan {
    bool device;
    const char *path;
    uint64_t mib, rounds, hold_seconds, leave_mib, pace_mib, seed;
};

struct stamp {
    uint64_t page, seed, round, check;
};

struct counts {
    uint64_t written, verified, wrong;
};

static struct stamp stamp_of(uint64_t page, uint64_t sector, uint64_t seed, uint64_t round)
{
    uint64_t mix = (page * 8 + sector + 1) * 0x9e3779b97f4a7c15 ^ seed ^ round << 56;
    return (struct stamp){page, seed, round, mix ^ mix >> 29};
}

static void write_page(uint8_t *at, uint64_t page, uint64_t seed, uint64_t round)
{
    for (uint64_t i = 0; i < PAGE / SECTOR; i++) {
        struct stamp stamp = stamp_of(page, i, seed, round);
        memcpy(at + i * SECTOR, &stamp, sizeof stamp);
    }
}

static bool is_right(const uint8_t *at, uint64_t page, uint64_t seed, uint64_t round)
{
    for (uint64_t i = 0; i < PAGE / SECTOR; i++) {
        struct stamp stamp = stamp_of(page, i, seed, round);
        if (memcmp(at + i * SECTOR, &stamp, sizeof stamp) != 0) return false;
    }
    return true;
}

static void progress(const char *what, uint64_t round, uint64_t page)
{
    if (page % (32 * PAGES_PER_MIB) == 0) {
        printf("%s round=%llu mib=%llu\n", what, (unsigned long long)round,
               (unsigned long long)(page / PAGES_PER_MIB));
    }
}

static int finish(const struct counts *counts)
{
    printf("pages_written=%llu pages_verified=%llu wrong_pages=%llu\n",
           (unsigned long long)counts->written, (unsigned long long)counts->verified,
           (unsigned long long)counts->wrong);
    return counts->wrong == 0 && counts->verified == counts->written ? 0 : 1;
}

static uint64_t kib_of(const char *text, const char *field)
{
    const char *at = strstr(text, field);
    return at == NULL ? 0 : strtoull(at + strlen(field), NULL, 10);
}

static void await_memory(uint64_t leave_mib)
{
    char text[4096];
    for (bool waits = false;; waits = true) {
        int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
        if (fd >= 0) close(fd);
        if (n <= 0) return;
        text[n] = 0;
        uint64_t kib = kib_of(text, "MemAvailable:") + kib_of(text, "SwapFree:");
        if (kib / 1024 >= leave_mib) return;
        if (!waits) printf("waits for memory\n");
        usleep(100000);
    }
}

static int stamp_memory(const struct plan *plan)
{
    struct counts counts = {0, 0, 0};
    uint64_t pages = plan->mib * PAGES_PER_MIB;
    uint8_t *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        perror("workload: mmap");
        return 1;
    }
    for (uint64_t round = 1; round <= plan->rounds; round++) {
        for (uint64_t page = 0; page < pages; page++, counts.written++) {
            if (round == 1 && page % PAGES_PER_MIB == 0) {
                if (plan->leave_mib > 0) await_memory(plan->leave_mib);
                if (plan->pace_mib > 0) usleep((unsigned)(1000000 / plan->pace_mib));
            }
            write_page(memory + page * PAGE, page, plan->seed, round);
            progress("written", round, page + 1);
        }
        for (uint64_t page = 0; page < pages; page++) {
            if (is_right(memory + page * PAGE, page, plan->seed, round)) {
                counts.verified++;
            } else if (counts.wrong++ < 10) {
                printf("wrong page=%llu\n", (unsigned long long)page);
            }
            progress("verified", round, page + 1);
        }
    }
    if (plan->hold_seconds > 0) {
        printf("holding seconds=%llu\n", (unsigned long long)plan->hold_seconds);
        sleep((unsigned)plan->hold_seconds);
    }
    return finish(&counts);
}

static bool transfer(int fd, uint8_t *chunk, uint64_t at, bool out)
{
    ssize_t n = out ? pwrite(fd, chunk, DEVICE_CHUNK, (off_t)at)
                    : pread(fd, chunk, DEVICE_CHUNK, (off_t)at);
    if (n == DEVICE_CHUNK) return true;
    printf("failed %s at=%llu error=%s\n", out ? "write" : "read", (unsigned long long)at,
           n < 0 ? strerror(errno) : "short");
    return false;
}

static int stamp_device(const struct plan *plan)
{
    struct counts counts = {0, 0, 0};
    uint8_t *chunk = aligned_alloc(PAGE, DEVICE_CHUNK);
    int fd = open(plan->path, O_RDWR | O_DIRECT | O_EXCL | O_CLOEXEC);
    if (fd < 0 || chunk == NULL) {
        perror("workload: open");
        return 1;
    }
    memset(chunk, 0, DEVICE_CHUNK);
    for (uint64_t round = 1; round <= plan->rounds; round++) {
        for (uint64_t mib = 0; mib < plan->mib; mib++) {
            for (uint64_t i = 0; i < PAGES_PER_MIB; i++) {
                write_page(chunk + i * PAGE, mib * PAGES_PER_MIB + i, plan->seed, round);
            }
            if (!transfer(fd, chunk, mib * DEVICE_CHUNK, true)) return 1;
            counts.written += PAGES_PER_MIB;
            progress("written", round, counts.written);
        }
        if (fsync(fd) != 0) perror("workload: fsync");
        for (uint64_t mib = 0; mib < plan->mib; mib++) {
            if (!transfer(fd, chunk, mib * DEVICE_CHUNK, false)) return 1;
            for (uint64_t i = 0; i < PAGES_PER_MIB; i++) {
                uint64_t page = mib * PAGES_PER_MIB + i;
                if (is_right(chunk + i * PAGE, page, plan->seed, round)) counts.verified++;
                else counts.wrong++;
                progress("verified", round, page + 1);
            }
        }
    }
    return finish(&counts);
}

static bool number(const char *text, uint64_t max, uint64_t *value)
{
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || *text == '-' || parsed > max) return false;
    *value = parsed;
    return true;
}

static bool parse(int argc, char **argv, struct plan *plan)
{
    if (argc < 2 || argc % 2 != 0) return false;
    plan->device = strcmp(argv[1], "device") == 0;
    if (!plan->device && strcmp(argv[1], "stamp") != 0) return false;
    for (int i = 2; i < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        bool ok = false;
        if (strcmp(name, "--mib") == 0) ok = number(value, 1 << 20, &plan->mib);
        if (strcmp(name, "--rounds") == 0) ok = number(value, 255, &plan->rounds);
        if (strcmp(name, "--hold") == 0) ok = number(value, 86400, &plan->hold_seconds);
        if (strcmp(name, "--leave") == 0) ok = number(value, 1 << 20, &plan->leave_mib);
        if (strcmp(name, "--pace") == 0) ok = number(value, 1000, &plan->pace_mib);
        if (strcmp(name, "--path") == 0) ok = (plan->path = value) != NULL;
        if (!ok) return false;
    }
    return plan->mib > 0 && plan->rounds > 0 && plan->device == (plan->path != NULL);
}

int main(int argc, char **argv)
{
    struct plan plan = {.rounds = 1};
    if (!parse(argc, argv, &plan)) {
        fprintf(stderr, "usage: workload stamp --mib N [--rounds R] [--hold SECONDS] [--leave MIB]"
                        " [--pace MIB]\n"
                        "       workload device --path /dev/NAME --mib N [--rounds R]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    plan.seed = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15 ^ (uint64_t)now.tv_sec;
    /* Where memory runs out it dies first, and the machine around it stays. */
    FILE *score = fopen("/proc/self/oom_score_adj", "w");
    if (score != NULL) {
        fputs("1000", score);
        fclose(score);
    }
    return plan.device ? stamp_device(&plan) : stamp_memory(&plan);
}
