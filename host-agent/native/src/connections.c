/* The objects of the connection manager, rdma_cm(7), behind DiSNI's natives: channels, ids, their queue
 * pairs and addresses. What is said to peers is in conversations.c. */
#include "connections.h"
#include "entry_points.h"
#include "farewells.h"
#include "handles.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <rdma/rdma_cma.h>
#include <string.h>

enum {
    MOST_REQUESTS = 16384,
    MOST_INLINE = 1024,
    MOST_ELEMENTS = 4,
    MOST_BACKLOG = 1024,
};

jlong DISPATCHER(createEventChannel)(JNIEnv *env, jobject self)
{
    (void)self;
    struct rdma_event_channel *channel = rdma_create_event_channel();
    if (channel == NULL) {
        throw_io(env, "rdma_create_event_channel", errno);
        return -1;
    }
    int flags = fcntl(channel->fd, F_GETFL);
    int64_t handle = 0;
    if (flags >= 0 && fcntl(channel->fd, F_SETFL, flags | O_NONBLOCK) == 0)
        handle = handle_open(KIND_CHANNEL, channel, NULL);
    if (handle == 0) {
        rdma_destroy_event_channel(channel);
        throw_io(env, "rdma_create_event_channel", EMFILE);
        return -1;
    }
    return handle;
}

jint DISPATCHER(destroyEventChannel)(JNIEnv *env, jobject self, jlong handle)
{
    (void)env, (void)self;
    struct entry *entry = handle_close(handle, KIND_CHANNEL);
    if (entry == NULL)
        return -errno;
    rdma_destroy_event_channel(entry->object);
    handle_closed(entry);
    return 0;
}

int64_t adopt_id(struct rdma_cm_id *id, struct entry *channel)
{
    int64_t handle = handle_open(KIND_ID, id, channel);
    id->context = (void *)(intptr_t)handle;
    return handle;
}

jlong DISPATCHER(createId)(JNIEnv *env, jobject self, jlong channel, jshort space)
{
    (void)self;
    struct entry *on = handle_use(channel, KIND_CHANNEL);
    if (on == NULL || space != RDMA_PS_TCP) {
        throw_io(env, "rdma_create_id", on == NULL ? EBADF : EINVAL);
        handles_release(&on, 1);
        return -1;
    }
    struct rdma_cm_id *id = NULL;
    int64_t handle = -1;
    if (rdma_create_id(on->object, &id, NULL, RDMA_PS_TCP) != 0) {
        throw_io(env, "rdma_create_id", errno);
    } else {
        handle = adopt_id(id, on);
        if (handle == 0) {
            rdma_destroy_id(id);
            throw_io(env, "rdma_create_id", EMFILE);
            handle = -1;
        }
    }
    handle_release(on);
    return handle;
}

/* Ends an id's queue pair, if it has one that nobody else ends right now. */
static int destroy_qp(struct entry *id)
{
    struct entry *qp = handle_close(id->other, KIND_QP);
    if (qp == NULL)
        return -errno;
    rdma_destroy_qp(id->object);
    id->other = 0;
    handle_closed(qp);
    return 0;
}

static jint destroy_id(jlong handle)
{
    struct entry *entry = handle_close(handle, KIND_ID);
    if (entry == NULL)
        return -errno;
    destroy_qp(entry);
    if (entry->talks && !link_is_up(entry->object)) {
        farewell_later(entry);
        return 0;
    }
    int failed = rdma_destroy_id(entry->object);
    if (failed) {
        failed = errno;
        handle_revive(entry);
        return -failed;
    }
    handle_closed(entry);
    return 0;
}

jint DISPATCHER(destroyCmId)(JNIEnv *env, jobject self, jlong handle)
{
    (void)env, (void)self;
    return destroy_id(handle);
}

jint DISPATCHER(destroyEp)(JNIEnv *env, jobject self, jlong handle)
{
    (void)env, (void)self;
    return destroy_id(handle);
}

jlong DISPATCHER(createQP)(JNIEnv *env, jobject self, jlong id, jlong pd, jlong sendcq, jlong recvcq, jint type,
    jint maxsend, jint maxrecv, jint maxinline)
{
    (void)self;
    struct entry *used[] = {handle_use(id, KIND_ID), handle_use(pd, KIND_PD), handle_use(sendcq, KIND_CQ),
        handle_use(recvcq, KIND_CQ)};
    struct rdma_cm_id *cm = handle_object(used[0]);
    int error = 0;
    int64_t handle = -1;
    if (used[0] == NULL || used[1] == NULL || used[2] == NULL || used[3] == NULL) {
        error = EBADF;
    } else if (type != IBV_QPT_RC || maxsend < 1 || maxsend > MOST_REQUESTS || maxrecv < 1
        || maxrecv > MOST_REQUESTS || maxinline < 0 || maxinline > MOST_INLINE) {
        error = EINVAL;
    } else if (cm->verbs == NULL || cm->qp != NULL) {
        error = cm->qp != NULL ? EISCONN : ENODEV;
    } else {
        struct ibv_qp_init_attr attributes = {
            .send_cq = handle_object(used[2]),
            .recv_cq = handle_object(used[3]),
            .qp_type = IBV_QPT_RC,
            .cap = {.max_send_wr = (uint32_t)maxsend,
                .max_recv_wr = (uint32_t)maxrecv,
                .max_send_sge = MOST_ELEMENTS,
                .max_recv_sge = MOST_ELEMENTS,
                .max_inline_data = (uint32_t)maxinline},
        };
        error = rdma_create_qp(cm, handle_object(used[1]), &attributes) == 0 ? 0 : errno;
        if (error == 0) {
            handle = handle_open(KIND_QP, cm->qp, NULL);
            if (handle == 0) {
                rdma_destroy_qp(cm);
                error = EMFILE;
            } else {
                used[0]->other = handle;
            }
        }
    }
    handles_release(used, 4);
    if (error != 0) {
        throw_io(env, "rdma_create_qp", error);
        return -1;
    }
    return handle;
}

jint DISPATCHER(destroyQP)(JNIEnv *env, jobject self, jlong id)
{
    (void)env, (void)self;
    struct entry *entry = handle_use(id, KIND_ID);
    if (entry == NULL)
        return -EBADF;
    int result = destroy_qp(entry);
    handle_release(entry);
    return result;
}

/* A copy of the IPv4 address that Java laid out, false where it is none. */
static bool copy_address(jlong address, struct sockaddr_in *copy)
{
    if (address == 0)
        return false;
    memcpy(copy, (const void *)(intptr_t)address, sizeof *copy);
    return copy->sin_family == AF_INET;
}

void DISPATCHER(bindAddr)(JNIEnv *env, jobject self, jlong id, jlong address)
{
    (void)self;
    struct entry *entry = handle_use(id, KIND_ID);
    struct sockaddr_in local;
    if (entry == NULL)
        throw_io(env, "rdma_bind_addr", EBADF);
    else if (!copy_address(address, &local))
        throw_io(env, "rdma_bind_addr", EAFNOSUPPORT);
    else if (rdma_bind_addr(entry->object, (struct sockaddr *)&local) != 0)
        throw_io(env, "rdma_bind_addr", errno);
    handles_release(&entry, 1);
}

void DISPATCHER(listen)(JNIEnv *env, jobject self, jlong id, jint backlog)
{
    (void)self;
    struct entry *entry = handle_use(id, KIND_ID);
    if (entry == NULL || backlog < 0 || backlog > MOST_BACKLOG)
        throw_io(env, "rdma_listen", entry == NULL ? EBADF : EINVAL);
    else if (rdma_listen(entry->object, backlog) != 0)
        throw_io(env, "rdma_listen", errno);
    handles_release(&entry, 1);
}

void DISPATCHER(resolveAddr)(JNIEnv *env, jobject self, jlong id, jlong from, jlong to, jint millis)
{
    (void)self;
    struct entry *entry = handle_use(id, KIND_ID);
    struct sockaddr_in source;
    struct sockaddr_in destination;
    if (entry == NULL || millis < 0)
        throw_io(env, "rdma_resolve_addr", entry == NULL ? EBADF : EINVAL);
    else if ((from != 0 && !copy_address(from, &source)) || !copy_address(to, &destination))
        throw_io(env, "rdma_resolve_addr", EAFNOSUPPORT);
    else if (rdma_resolve_addr(entry->object, from == 0 ? NULL : (struct sockaddr *)&source,
                 (struct sockaddr *)&destination, millis)
        != 0)
        throw_io(env, "rdma_resolve_addr", errno);
    handles_release(&entry, 1);
}

void DISPATCHER(resolveRoute)(JNIEnv *env, jobject self, jlong id, jint millis)
{
    (void)self;
    struct entry *entry = handle_use(id, KIND_ID);
    if (entry == NULL || millis < 0)
        throw_io(env, "rdma_resolve_route", entry == NULL ? EBADF : EINVAL);
    else if (rdma_resolve_route(entry->object, millis) != 0)
        throw_io(env, "rdma_resolve_route", errno);
    handles_release(&entry, 1);
}

static jint address_of(jlong id, jlong address, struct sockaddr *(*side)(struct rdma_cm_id *))
{
    struct entry *entry = handle_use(id, KIND_ID);
    if (entry == NULL)
        return -EBADF;
    struct sockaddr *found = side(entry->object);
    int result = -EAFNOSUPPORT;
    if (address != 0 && found != NULL && found->sa_family == AF_INET) {
        memcpy((void *)(intptr_t)address, found, sizeof(struct sockaddr_in));
        result = 0;
    }
    handle_release(entry);
    return result;
}

static struct sockaddr *local_side(struct rdma_cm_id *id)
{
    return rdma_get_local_addr(id);
}

static struct sockaddr *peer_side(struct rdma_cm_id *id)
{
    return rdma_get_peer_addr(id);
}

jint DISPATCHER(getSrcAddr)(JNIEnv *env, jobject self, jlong id, jlong address)
{
    (void)env, (void)self;
    return address_of(id, address, local_side);
}

jint DISPATCHER(getDstAddr)(JNIEnv *env, jobject self, jlong id, jlong address)
{
    (void)env, (void)self;
    return address_of(id, address, peer_side);
}

jlong DISPATCHER(getContext)(JNIEnv *env, jobject self, jlong id)
{
    (void)self;
    struct entry *entry = handle_use(id, KIND_ID);
    struct rdma_cm_id *cm = handle_object(entry);
    int64_t handle = -1;
    int error = entry == NULL ? EBADF : cm->verbs == NULL ? ENODEV : 0;
    if (error == 0) {
        handle = handle_of_context(cm->verbs);
        error = handle == 0 ? EMFILE : 0;
    }
    handles_release(&entry, 1);
    if (error != 0) {
        throw_io(env, "the device of a connection", error);
        return -1;
    }
    return handle;
}
