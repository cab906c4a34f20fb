#define _GNU_SOURCE
#include "reclaim.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void writes_the_bytes_that_are_to_go(void)
{
    char path[] = "/tmp/reclaim-XXXXXX", text[32] = {0};
    int fd = mkstemp(path);
    CHECK(fd >= 0 && reclaim_possible(path));
    CHECK(reclaim(path, 134217728).code == REPLY_OK);
    CHECK(read(fd, text, sizeof text - 1) > 0 && strcmp(text, "134217728") == 0);
    close(fd);
    unlink(path);
}

static void says_why_it_cannot(void)
{
    struct outcome outcome = reclaim("/nonexistent/memory.reclaim", 1);
    CHECK(!reclaim_possible("/nonexistent/memory.reclaim"));
    CHECK(outcome.code == REPLY_KERNEL_ERROR && outcome.detail == ENOENT);
    outcome = reclaim("/dev/full", 1);
    CHECK(outcome.code == REPLY_KERNEL_ERROR && outcome.detail == ENOSPC);
}

void reclaim_tests(void)
{
    RUN(writes_the_bytes_that_are_to_go);
    RUN(says_why_it_cannot);
}
