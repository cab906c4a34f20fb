#define _GNU_SOURCE
#include "reclaim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

bool reclaim_possible(const char *file)
{
    return access(file, W_OK) == 0;
}

struct outcome reclaim(const char *file, uint64_t bytes)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%llu", (unsigned long long)bytes);
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return (struct outcome){REPLY_KERNEL_ERROR, (uint64_t)errno};
    ssize_t n = write(fd, text, (size_t)length);
    int error = n < 0 ? errno : 0;
    close(fd);
    /* EAGAIN: less than that was there to drop, which is no failure. */
    if (error != 0 && error != EAGAIN) return (struct outcome){REPLY_KERNEL_ERROR, (uint64_t)error};
    return (struct outcome){REPLY_OK, 0};
}
