#define _GNU_SOURCE
#include "disk.h"

#include "files.h"
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PATH_BYTES 128
#define SECTOR_BYTES 512

struct search {
    int sys_block;
    const char *serial;
    struct disk *disk;
    unsigned found;
};

static bool read_numbers(int sys_block, struct disk *disk)
{
    char path[PATH_BYTES], text[32];
    uint64_t sectors;
    snprintf(path, sizeof path, "%s/size", disk->name);
    if (!files_number_at(sys_block, path, &sectors)) return false;
    if (sectors > INT64_MAX / SECTOR_BYTES) return false;
    disk->size_bytes = sectors * SECTOR_BYTES;
    snprintf(path, sizeof path, "%s/dev", disk->name);
    long n = files_read_at(sys_block, path, text, sizeof text);
    if (n <= 0) return false;
    const char *colon = memchr(text, ':', (size_t)n);
    if (colon == NULL) return false;
    size_t before = (size_t)(colon - text);
    return procfs_number(text, before, &disk->major) &&
           procfs_number(colon + 1, (size_t)n - before - 1, &disk->minor);
}

static bool compare(void *context, const char *name)
{
    struct search *search = context;
    struct disk disk = {.name = ""};
    char path[PATH_BYTES], serial[64];
    if (strlen(name) >= sizeof disk.name || strchr(name, '!') != NULL) return true;
    snprintf(path, sizeof path, "%s/serial", name);
    long n = files_read_at(search->sys_block, path, serial, sizeof serial);
    if (n <= 0) return true;
    size_t length = strnlen(serial, (size_t)n);
    if (length > 0 && serial[length - 1] == '\n') length--;
    if (length != strlen(search->serial) || memcmp(serial, search->serial, length) != 0) {
        return true;
    }
    strcpy(disk.name, name);
    if (!read_numbers(search->sys_block, &disk)) return true;
    *search->disk = disk;
    search->found++;
    return true;
}

enum reply_code disk_find(int sys_block, const char *serial, struct disk *disk)
{
    struct search search = {sys_block, serial, disk, 0};
    files_each(sys_block, ".", compare, &search);
    if (search.found > 1) return REPLY_IN_USE;
    return search.found == 1 ? REPLY_OK : REPLY_NOT_FOUND;
}

struct look {
    int sys_block;
    const struct disk *disk;
    bool divided;
};

static bool look_for_partition(void *context, const char *name)
{
    struct look *look = context;
    char path[PATH_BYTES];
    if (strlen(name) > 48) return true;
    snprintf(path, sizeof path, "%s/%s/partition", look->disk->name, name);
    look->divided = faccessat(look->sys_block, path, F_OK, 0) == 0;
    return !look->divided;
}

static bool any_holder(void *context, const char *name)
{
    (void)name;
    ((struct look *)context)->divided = true;
    return false;
}

bool disk_is_divided(int sys_block, const struct disk *disk)
{
    struct look look = {sys_block, disk, false};
    char path[PATH_BYTES];
    if (!files_each(sys_block, disk->name, look_for_partition, &look)) return true;
    snprintf(path, sizeof path, "%s/holders", disk->name);
    if (!look.divided) files_each(sys_block, path, any_holder, &look);
    return look.divided;
}

void disk_set_fast(int sys_block, const struct disk *disk)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/queue/rotational", disk->name);
    /* Without it, swapped-off pages are given back later: slower for others, not wrong. */
    (void)files_write_at(sys_block, path, "0");
}

int disk_open(const char *dev, const struct disk *disk)
{
    char path[PATH_BYTES];
    struct stat stat;
    snprintf(path, sizeof path, "%s/%s", dev, disk->name);
    /* O_EXCL on a block device: refused while it is mounted, swapped on or part of another. */
    int fd = open(path, O_RDWR | O_EXCL | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -1;
    if (fstat(fd, &stat) == 0 && S_ISBLK(stat.st_mode) && major(stat.st_rdev) == disk->major &&
        minor(stat.st_rdev) == disk->minor &&
        lseek(fd, 0, SEEK_END) == (off_t)disk->size_bytes) {
        return fd;
    }
    close(fd);
    errno = ENODEV;
    return -1;
}
