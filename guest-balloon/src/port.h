/* The virtio-serial port to the host. */
#ifndef MEMFABRIC_PORT_H
#define MEMFABRIC_PORT_H

#define PORT_NAME "io.memfabric.guest.0"

/* Opens the port, by this path or, where it is null, by its name; -1 and errno while it is not there. */
int port_open(const char *path);

#endif
