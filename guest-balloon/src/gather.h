/* Reads what STATS and HELLO tell. */
#ifndef MEMFABRIC_GATHER_H
#define MEMFABRIC_GATHER_H

#include "frame.h"

/* The kernel's files, opened once: with memory short, opening is one more thing that can fail. */
struct gather { int meminfo, pressure, vmstat; };

void gather_open(struct gather *gather);

/*
 * A descriptor that becomes ready (EPOLLPRI) when tasks wait for memory: the kernel tells, nobody has
 * to look. -1 where it cannot, with errno.
 */
int gather_pressure_trigger(const struct thresholds *thresholds);
void gather_hello(const struct gather *gather, struct hello *hello);

/* False where the kernel does not tell even its memory. */
bool gather_stats(const struct gather *gather, struct stats *stats);

#endif
