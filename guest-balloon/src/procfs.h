/*
 * Parsers of the kernel's text files. Pure: they take a text and its length, need no terminator,
 * and answer something sensible for any bytes: what is missing or absurd counts as absent.
 */
#ifndef MEMFABRIC_PROCFS_H
#define MEMFABRIC_PROCFS_H

#include "frame.h"

/* An unsigned decimal number, cut to 63 bits; false where there is no digit. */
bool procfs_number(const char *text, size_t n, uint64_t *value);

/* /proc/meminfo into total, free, available and swap; false without MemTotal or MemAvailable. */
bool procfs_meminfo(const char *text, size_t n, struct stats *stats);

/* /proc/pressure/memory; without a "some" line the pressure is -1. */
bool procfs_pressure(const char *text, size_t n, struct stats *stats);

/* /proc/vmstat; true where the kernel has refault counters. */
bool procfs_vmstat(const char *text, size_t n, struct stats *stats);

/* The swapped bytes of this device in /proc/swaps; false where it is not swapped on. */
bool procfs_swap_used(const char *text, size_t n, const char *device, uint64_t *bytes);

/* /proc/sys/kernel/random/boot_id. */
bool procfs_boot_id(const char *text, size_t n, uint8_t id[16]);

#endif
