#define _GNU_SOURCE
#include "swap.h"

#include "files.h"
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#define HEADER_AT 1024 /* the boot block before it is not the swap header's */
#define LABEL "memfabric"
#define LABEL_BYTES 16
#define MAGIC "SWAPSPACE2"
#define MAGIC_BYTES 10
#define MIN_PAGES 10 /* as mkswap has it */

/* union swap_header of the kernel's include/linux/swap.h, from its byte 1024 on. */
struct header {
    uint32_t version;
    uint32_t last_page;
    uint32_t bad_pages;
    uint8_t uuid[16];
    char label[LABEL_BYTES];
};

static uint64_t fnv1a(uint64_t hash, const char *text)
{
    for (; *text != 0; text++) hash = (hash ^ (uint8_t)*text) * 0x100000001b3;
    return hash;
}

/* Tells our header from another's; not a secret, so any spread-out function of the serial does. */
static void uuid_of(const char *serial, uint8_t uuid[16])
{
    uint64_t low = fnv1a(0xcbf29ce484222325, serial);
    uint64_t high = fnv1a(low, LABEL);
    memcpy(uuid, &low, sizeof low);
    memcpy(uuid + sizeof low, &high, sizeof high);
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x80); /* RFC 9562, version 8: of our own making */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

void swap_header(uint8_t *page, size_t page_bytes, uint64_t size_bytes, const char *serial)
{
    struct header header = {.version = 1, .label = LABEL};
    header.last_page = (uint32_t)(size_bytes / page_bytes - 1);
    uuid_of(serial, header.uuid);
    memset(page, 0, page_bytes);
    memcpy(page + HEADER_AT, &header, sizeof header);
    memcpy(page + page_bytes - MAGIC_BYTES, MAGIC, MAGIC_BYTES);
}

static bool is_ours(const uint8_t *page, size_t page_bytes, const char *serial)
{
    struct header header;
    uint8_t uuid[16];
    uuid_of(serial, uuid);
    memcpy(&header, page + HEADER_AT, sizeof header);
    return memcmp(page + page_bytes - MAGIC_BYTES, MAGIC, MAGIC_BYTES) == 0 &&
           header.version == 1 && memcmp(header.uuid, uuid, sizeof uuid) == 0 &&
           strncmp(header.label, LABEL, LABEL_BYTES) == 0;
}

bool swap_may_write(const uint8_t *start, size_t n, size_t page_bytes, const char *serial)
{
    if (n < page_bytes) return false;
    if (is_ours(start, page_bytes, serial)) return true;
    for (size_t i = 0; i < n; i++) {
        if (start[i] != 0) return false;
    }
    return true;
}

uint64_t swap_missing(uint64_t available, uint64_t used)
{
    uint64_t needed = used > INT64_MAX / 2 ? INT64_MAX : used + (used + 9) / 10;
    return needed > available ? needed - available : 0;
}

static struct outcome failed(void)
{
    return (struct outcome){REPLY_KERNEL_ERROR, (uint64_t)errno};
}

static bool is_on(const char *path, uint64_t *used)
{
    char text[4096];
    long n = files_read_at(AT_FDCWD, "/proc/swaps", text, sizeof text);
    return n > 0 && procfs_swap_used(text, (size_t)n, path, used);
}

static bool read_all(int fd, uint8_t *into, size_t n)
{
    return files_read(fd, (char *)into, n) == (long)n;
}

/* Puts our header on a disk that is empty or was ours before. */
static struct outcome prepare(const struct disk *disk, const char *serial)
{
    uint8_t start[SWAP_LOOK_BYTES];
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    uint64_t pages = disk->size_bytes / page_bytes;
    if (disk->size_bytes < sizeof start || page_bytes > sizeof start || pages < MIN_PAGES ||
        pages - 1 > UINT32_MAX) {
        return (struct outcome){REPLY_BAD_REQUEST, 0};
    }
    int fd = disk_open("/dev", disk);
    if (fd < 0) {
        return errno == EBUSY ? (struct outcome){REPLY_IN_USE, 0} : failed();
    }
    struct outcome outcome = {REPLY_OK, 0};
    if (!read_all(fd, start, sizeof start)) {
        outcome = failed();
    } else if (!swap_may_write(start, sizeof start, page_bytes, serial)) {
        outcome.code = REPLY_IN_USE;
    } else {
        swap_header(start, page_bytes, disk->size_bytes, serial);
        if (pwrite(fd, start, page_bytes, 0) != (ssize_t)page_bytes || fsync(fd) != 0) {
            outcome = failed();
        }
    }
    close(fd);
    return outcome;
}

static enum reply_code find(int *sys_block, const char *serial, struct disk *disk)
{
    *sys_block = open("/sys/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *sys_block < 0 ? REPLY_NOT_FOUND : disk_find(*sys_block, serial, disk);
}

struct outcome swap_on(const struct swap_request *request)
{
    struct disk disk;
    char path[64];
    uint64_t used;
    int sys_block;
    enum reply_code found = find(&sys_block, request->serial, &disk);
    if (found != REPLY_OK) return (struct outcome){found, 0};
    if (disk.size_bytes != request->size_bytes) {
        return (struct outcome){REPLY_WRONG_SIZE, disk.size_bytes};
    }
    snprintf(path, sizeof path, "/dev/%s", disk.name);
    if (is_on(path, &used)) return (struct outcome){REPLY_OK, 0};
    if (disk_is_divided(sys_block, &disk)) return (struct outcome){REPLY_IN_USE, 0};
    struct outcome outcome = prepare(&disk, request->serial);
    if (outcome.code != REPLY_OK) return outcome;
    disk_set_fast(sys_block, &disk);
    int priority = (int)request->priority & SWAP_FLAG_PRIO_MASK;
    if (swapon(path, SWAP_FLAG_PREFER | SWAP_FLAG_DISCARD | priority) != 0) return failed();
    return outcome;
}

struct outcome swap_off(const struct swap_request *request)
{
    struct disk disk;
    char path[64], meminfo[4096];
    uint64_t used;
    int sys_block;
    struct stats stats = {.total = 0};
    enum reply_code found = find(&sys_block, request->serial, &disk);
    if (found != REPLY_OK) return (struct outcome){found, 0};
    snprintf(path, sizeof path, "/dev/%s", disk.name);
    if (!is_on(path, &used)) return (struct outcome){REPLY_OK, 0};
    long n = files_read_at(AT_FDCWD, "/proc/meminfo", meminfo, sizeof meminfo);
    if (n <= 0 || !procfs_meminfo(meminfo, (size_t)n, &stats)) {
        return (struct outcome){REPLY_KERNEL_ERROR, ENODATA};
    }
    uint64_t missing = swap_missing(stats.available, used);
    if (missing > 0) return (struct outcome){REPLY_WOULD_NOT_FIT, missing};
    if (swapoff(path) != 0) return failed();
    return (struct outcome){REPLY_OK, 0};
}
