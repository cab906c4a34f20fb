#define _GNU_SOURCE
#include "gather.h"

#include "files.h"
#include "procfs.h"
#include "reclaim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAEMON_VERSION 0x000100 /* 0.1.0, a byte each */

/* /proc/vmstat has about 4 KiB; a longer text loses its end, and with it at worst a counter. */
static char text[16384];

void gather_open(struct gather *gather)
{
    gather->meminfo = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
    gather->pressure = open("/proc/pressure/memory", O_RDONLY | O_CLOEXEC);
    gather->vmstat = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
}

int gather_pressure_trigger(const struct thresholds *thresholds)
{
    char trigger[48];
    int length = snprintf(trigger, sizeof trigger, "some %u %u", thresholds->stall_micros,
                          thresholds->window_micros);
    int fd = open("/proc/pressure/memory", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return -1;
    if (write(fd, trigger, (size_t)length + 1) < 0) { /* with its end, as the kernel wants it */
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

bool gather_stats(const struct gather *gather, struct stats *stats)
{
    memset(stats, 0, sizeof *stats);
    long n = files_read(gather->meminfo, text, sizeof text);
    if (n < 0 || !procfs_meminfo(text, (size_t)n, stats)) return false;
    n = files_read(gather->pressure, text, sizeof text);
    procfs_pressure(text, n < 0 ? 0 : (size_t)n, stats);
    n = files_read(gather->vmstat, text, sizeof text);
    procfs_vmstat(text, n < 0 ? 0 : (size_t)n, stats);
    return true;
}

void gather_hello(const struct gather *gather, struct hello *hello)
{
    struct stats ignored;
    memset(hello, 0, sizeof *hello);
    hello->version = DAEMON_VERSION;
    long n = files_read(gather->pressure, text, sizeof text);
    if (n > 0 && procfs_pressure(text, (size_t)n, &ignored)) hello->features |= FEATURE_PSI;
    n = files_read(gather->vmstat, text, sizeof text);
    if (n > 0 && procfs_vmstat(text, (size_t)n, &ignored)) hello->features |= FEATURE_REFAULTS;
    if (geteuid() == 0 && access("/proc/swaps", R_OK) == 0) hello->features |= FEATURE_SWAP;
    if (reclaim_possible(RECLAIM_FILE)) hello->features |= FEATURE_RECLAIM;
    if (access("/proc/pressure/memory", W_OK) == 0) hello->features |= FEATURE_TRIGGER;
    n = files_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text, sizeof text);
    if (n > 0) procfs_boot_id(text, (size_t)n, hello->boot_id);
}
