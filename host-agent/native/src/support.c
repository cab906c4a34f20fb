#include "entry_points.h"
#include "handles.h"

#include <errno.h>
#include <infiniband/verbs.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void throw_io(JNIEnv *env, const char *call, int error)
{
    char reason[128];
    char message[256];
    const char *text = error == EBADF ? "closed or unknown object" : NULL;
    if (text == NULL)
        text = strerror_r(error, reason, sizeof reason) == 0 ? reason : "unknown error";
    snprintf(message, sizeof message, "%s: %s", call, text);
    jclass type = (*env)->FindClass(env, "java/io/IOException");
    if (type != NULL)
        (*env)->ThrowNew(env, type, message);
}

static int64_t now_millis(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int wait_readable(int fd, int millis, struct entry *entry)
{
    enum { SLICE = 100 }; /* how long a close waits for a waiter at most */
    int64_t end = now_millis() + millis;
    while (!handle_is_closing(entry)) {
        int64_t left = millis < 0 ? SLICE : end - now_millis();
        int slice = left <= 0 ? 0 : left > SLICE ? SLICE : (int)left;
        struct pollfd descriptor = {.fd = fd, .events = POLLIN};
        int ready = poll(&descriptor, 1, slice);
        if (ready > 0)
            return 1;
        if (millis >= 0 && left <= 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return 0;
    }
    return 0;
}

/* The number that this version of DiSNI asks for. */
jint DISPATCHER(getVersion)(JNIEnv *env, jobject self)
{
    (void)env, (void)self;
    return 32;
}

#define SIZE(name, value) \
    jint DISPATCHER(name)(JNIEnv *env, jobject self) \
    { \
        (void)env, (void)self; \
        return (jint)(value); \
    }

SIZE(getSockAddrInSize, sizeof(struct sockaddr_in))
SIZE(getIbvRecvWRSize, sizeof(struct ibv_recv_wr))
SIZE(getIbvSendWRSize, sizeof(struct ibv_send_wr))
SIZE(getIbvSgeSize, sizeof(struct ibv_sge))
SIZE(getIbvWCSize, sizeof(struct ibv_wc))
SIZE(getRemoteAddressOffset, offsetof(struct ibv_send_wr, wr.rdma.remote_addr))
SIZE(getRKeyOffset, offsetof(struct ibv_send_wr, wr.rdma.rkey))
