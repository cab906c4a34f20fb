/*
 * Asks this guest's kernel to drop its coldest pages (memory.reclaim of cgroup v2), so that the balloon
 * finds free pages and nobody's own allocation has to wait for them.
 */
#ifndef MEMFABRIC_RECLAIM_H
#define MEMFABRIC_RECLAIM_H

#include "swap.h"

#define RECLAIM_FILE "/sys/fs/cgroup/memory.reclaim"

/* Whether the kernel can do it (5.19 and later, with cgroup v2). */
bool reclaim_possible(const char *file);

/* REPLY_OK where so much was dropped or the kernel found no more to drop. */
struct outcome reclaim(const char *file, uint64_t bytes);

#endif
