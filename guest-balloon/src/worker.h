/*
 * Carries a request out in a child process: a disk that does not answer must not silence the
 * daemon, and the kernel's OOM killer takes the process inside swapoff(2) first, whatever its
 * oom_score_adj says. Killing the child only stops that swapoff.
 */
#ifndef MEMFABRIC_WORKER_H
#define MEMFABRIC_WORKER_H

#include "swap.h"

#include <sys/types.h>

struct worker {
    pid_t pid;
    int result; /* the read end of a pipe; -1 while nothing runs */
};

/* 0, or the errno that kept it from starting. */
int worker_start(struct worker *worker, const struct frame *request);

/* Takes the result, once `result` is readable or hung up. */
struct outcome worker_finish(struct worker *worker);

#endif
