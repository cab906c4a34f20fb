/* Finds the granted disk, by its serial and size and nothing else, and sees whether it is free. */
#ifndef MEMFABRIC_DISK_H
#define MEMFABRIC_DISK_H

#include "frame.h"

struct disk {
    char name[32]; /* as in /sys/block and /dev */
    uint64_t size_bytes;
    uint64_t major, minor;
};

/*
 * Looks in sys_block, an open /sys/block. REPLY_OK, REPLY_NOT_FOUND, or REPLY_IN_USE where two
 * disks carry the serial: to guess would be to write on somebody's data.
 */
enum reply_code disk_find(int sys_block, const char *serial, struct disk *disk);

/* Whether the disk has partitions or something like a volume group on it. */
bool disk_is_divided(int sys_block, const struct disk *disk);

/* Makes the kernel's swap code send discards, which it does only where seeking costs nothing. */
void disk_set_fast(int sys_block, const struct disk *disk);

/* Opens the disk's device read-write with exclusive use; -1 and errno where it is taken. */
int disk_open(const char *dev, const struct disk *disk);

#endif
