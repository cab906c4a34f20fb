#define _GNU_SOURCE
#include "port.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYS_PORTS "/sys/class/virtio-ports"

static bool open_if_ours(void *context, const char *name)
{
    int *fd = context;
    char path[96], port[sizeof PORT_NAME + 1];
    if (strlen(name) > 32 || strncmp(name, "vport", 5) != 0) return true;
    snprintf(path, sizeof path, SYS_PORTS "/%s/name", name);
    long n = files_read_at(AT_FDCWD, path, port, sizeof port);
    if (n < (long)strlen(PORT_NAME) || memcmp(port, PORT_NAME, strlen(PORT_NAME)) != 0) return true;
    if (n > (long)strlen(PORT_NAME) && port[strlen(PORT_NAME)] != '\n') return true;
    snprintf(path, sizeof path, "/dev/%s", name);
    *fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return *fd < 0;
}

int port_open(const char *path)
{
    if (path != NULL) return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    int fd = open("/dev/virtio-ports/" PORT_NAME, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT) return fd;
    /* No udev rule made the link: go by the name that the kernel knows. */
    fd = -1;
    files_each(AT_FDCWD, SYS_PORTS, open_if_ours, &fd);
    return fd;
}
