#define _GNU_SOURCE
#include "files.h"

#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

long files_read(int fd, char *into, size_t room)
{
    size_t used = 0;
    if (fd < 0) return -1;
    while (used < room) {
        ssize_t n = pread(fd, into + used, room - used, (off_t)used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        if (n == 0) break;
        used += (size_t)n;
    }
    return (long)used;
}

long files_read_at(int dir, const char *path, char *into, size_t room)
{
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    long n = files_read(fd, into, room);
    close(fd);
    return n;
}

bool files_number_at(int dir, const char *path, uint64_t *value)
{
    char text[32];
    long n = files_read_at(dir, path, text, sizeof text);
    return n > 0 && procfs_number(text, (size_t)n, value);
}

bool files_write_at(int dir, const char *path, const char *text)
{
    int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    size_t length = strlen(text);
    bool ok = write(fd, text, length) == (ssize_t)length;
    close(fd);
    return ok;
}

/* The kernel's record; opendir(3) would allocate. */
struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

bool files_each(int dir, const char *path, bool (*visit)(void *context, const char *name),
                void *context)
{
    _Alignas(struct entry) char batch[2048];
    int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    bool go_on = true;
    while (go_on) {
        long n = syscall(SYS_getdents64, fd, batch, sizeof batch);
        if (n <= 0) break;
        for (long at = 0; go_on && at < n;) {
            const struct entry *entry = (const struct entry *)(const void *)(batch + at);
            if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0) {
                go_on = visit(context, entry->name);
            }
            at += entry->length;
        }
    }
    close(fd);
    return true;
}
