#define _GNU_SOURCE
#include "worker.h"

#include "files.h"
#include "reclaim.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS 64 /* more than the daemon ever opens */

static _Noreturn void work(int result, const struct frame *request)
{
    /* The port can be open only once: a child that outlives the daemon must not hold it. */
    for (int fd = 3; fd < DESCRIPTORS; fd++) {
        if (fd != result) close(fd);
    }
    struct outcome outcome;
    if (request->type == FRAME_SWAP_ON) {
        outcome = swap_on(&request->body.swap);
    } else if (request->type == FRAME_RECLAIM) {
        outcome = reclaim(RECLAIM_FILE, request->body.swap.size_bytes);
    } else {
        (void)files_write_at(AT_FDCWD, "/proc/self/oom_score_adj", "1000");
        outcome = swap_off(&request->body.swap);
    }
    ssize_t n = write(result, &outcome, sizeof outcome);
    _exit(n == sizeof outcome ? 0 : 1);
}

int worker_start(struct worker *worker, const struct frame *request)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    pid_t pid = fork();
    if (pid < 0) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return error;
    }
    if (pid == 0) work(ends[1], request);
    close(ends[1]);
    *worker = (struct worker){pid, ends[0]};
    return 0;
}

struct outcome worker_finish(struct worker *worker)
{
    struct outcome outcome;
    ssize_t n = read(worker->result, &outcome, sizeof outcome);
    /* Only the OOM killer ends a worker early, so memory was too short for the request. */
    if (n != sizeof outcome) outcome = (struct outcome){REPLY_KERNEL_ERROR, ENOMEM};
    close(worker->result);
    while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR) {}
    *worker = (struct worker){0, -1};
    return outcome;
}
