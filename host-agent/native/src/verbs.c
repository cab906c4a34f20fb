/* The verbs: libibverbs behind DiSNI's natives. */
#include "entry_points.h"
#include "handles.h"

#include <errno.h>
#include <fcntl.h>
#include <infiniband/verbs.h>
#include <stdbool.h>
#include <string.h>

enum {
    MOST_COMPLETIONS = 1 << 16,
    MOST_REQUESTS_AT_ONCE = 1024,
    MOST_ELEMENTS = 4,
    /* No atomics, no memory windows, no on-demand paging: a registration pins what it names. */
    ALLOWED_ACCESS = IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_READ,
};

static jlong opened(JNIEnv *env, const char *call, int64_t handle, int error)
{
    if (handle > 0)
        return handle;
    throw_io(env, call, error != 0 ? error : EMFILE);
    return -1;
}

jlong DISPATCHER(allocPd)(JNIEnv *env, jobject self, jlong context)
{
    (void)self;
    struct entry *entry = handle_use(context, KIND_CONTEXT);
    if (entry == NULL)
        return opened(env, "ibv_alloc_pd", 0, EBADF);
    struct ibv_pd *pd = ibv_alloc_pd(entry->object);
    int error = pd == NULL ? errno : 0;
    int64_t handle = pd == NULL ? 0 : handle_open(KIND_PD, pd, NULL);
    if (pd != NULL && handle == 0)
        ibv_dealloc_pd(pd);
    handle_release(entry);
    return opened(env, "ibv_alloc_pd", handle, error);
}

jint DISPATCHER(deallocPd)(JNIEnv *env, jobject self, jlong handle)
{
    (void)env, (void)self;
    struct entry *entry = handle_close(handle, KIND_PD);
    if (entry == NULL)
        return -errno;
    int failed = ibv_dealloc_pd(entry->object);
    if (failed)
        handle_revive(entry);
    else
        handle_closed(entry);
    return -failed;
}

jlong DISPATCHER(createCompChannel)(JNIEnv *env, jobject self, jlong context)
{
    (void)self;
    struct entry *entry = handle_use(context, KIND_CONTEXT);
    if (entry == NULL)
        return opened(env, "ibv_create_comp_channel", 0, EBADF);
    struct ibv_comp_channel *channel = ibv_create_comp_channel(entry->object);
    int error = channel == NULL ? errno : 0;
    int64_t handle = 0;
    if (channel != NULL) {
        int flags = fcntl(channel->fd, F_GETFL);
        if (flags >= 0 && fcntl(channel->fd, F_SETFL, flags | O_NONBLOCK) == 0)
            handle = handle_open(KIND_COMP_CHANNEL, channel, NULL);
        if (handle == 0)
            ibv_destroy_comp_channel(channel);
    }
    handle_release(entry);
    return opened(env, "ibv_create_comp_channel", handle, error);
}

jint DISPATCHER(destroyCompChannel)(JNIEnv *env, jobject self, jlong handle)
{
    (void)env, (void)self;
    struct entry *entry = handle_close(handle, KIND_COMP_CHANNEL);
    if (entry == NULL)
        return -errno;
    int failed = ibv_destroy_comp_channel(entry->object);
    if (failed)
        handle_revive(entry);
    else
        handle_closed(entry);
    return -failed;
}

jlong DISPATCHER(createCQ)(JNIEnv *env, jobject self, jlong context, jlong channel, jint entries, jint vector)
{
    (void)self;
    struct entry *device = handle_use(context, KIND_CONTEXT);
    struct entry *events = handle_use(channel, KIND_COMP_CHANNEL);
    int error = device == NULL || events == NULL ? EBADF : 0;
    int64_t handle = 0;
    if (error == 0 && (entries < 1 || entries > MOST_COMPLETIONS || vector < 0))
        error = EINVAL;
    if (error == 0) {
        struct ibv_cq *cq = ibv_create_cq(device->object, entries, NULL, events->object, vector);
        error = cq == NULL ? errno : 0;
        handle = cq == NULL ? 0 : handle_open(KIND_CQ, cq, events);
        if (cq != NULL && handle == 0)
            ibv_destroy_cq(cq);
    }
    if (device != NULL)
        handle_release(device);
    if (events != NULL)
        handle_release(events);
    return opened(env, "ibv_create_cq", handle, error);
}

jint DISPATCHER(destroyCQ)(JNIEnv *env, jobject self, jlong handle)
{
    (void)env, (void)self;
    struct entry *entry = handle_close(handle, KIND_CQ);
    if (entry == NULL)
        return -errno;
    int failed = ibv_destroy_cq(entry->object);
    if (failed)
        handle_revive(entry);
    else
        handle_closed(entry);
    return -failed;
}

/* DiSNI hands over no attributes, so the one change that needs none: to the error state, in which
 * the queue pair does and answers nothing more. */
jint DISPATCHER(modifyQP)(JNIEnv *env, jobject self, jlong qp, jlong attributes)
{
    (void)self;
    struct entry *entry = handle_use(qp, KIND_QP);
    if (entry == NULL || attributes != 0) {
        throw_io(env, "ibv_modify_qp", entry == NULL ? EBADF : EINVAL);
        if (entry != NULL)
            handle_release(entry);
        return -1;
    }
    struct ibv_qp_attr error_state = {.qp_state = IBV_QPS_ERR};
    int failed = ibv_modify_qp(entry->object, &error_state, IBV_QP_STATE);
    handle_release(entry);
    if (failed)
        throw_io(env, "ibv_modify_qp", failed);
    return -failed;
}

jlong DISPATCHER(regMr)(JNIEnv *env, jobject self, jlong pd, jlong address, jint length, jint access, jlong lkey,
    jlong rkey, jlong number)
{
    (void)self;
    struct entry *entry = handle_use(pd, KIND_PD);
    int error = entry == NULL ? EBADF : 0;
    int64_t handle = 0;
    if (error == 0
        && (address == 0 || length <= 0 || (access & ~ALLOWED_ACCESS) != 0 || lkey == 0 || rkey == 0 || number == 0))
        error = EINVAL;
    if (error == 0) {
        struct ibv_mr *mr = ibv_reg_mr(entry->object, (void *)(intptr_t)address, (size_t)length, (unsigned)access);
        error = mr == NULL ? errno : 0;
        handle = mr == NULL ? 0 : handle_open(KIND_MR, mr, entry);
        if (mr != NULL && handle == 0)
            ibv_dereg_mr(mr);
        if (handle != 0) {
            memcpy((void *)(intptr_t)lkey, &mr->lkey, sizeof mr->lkey);
            memcpy((void *)(intptr_t)rkey, &mr->rkey, sizeof mr->rkey);
            memcpy((void *)(intptr_t)number, &mr->handle, sizeof mr->handle);
        }
    }
    if (entry != NULL)
        handle_release(entry);
    return opened(env, "ibv_reg_mr", handle, error);
}

void DISPATCHER(deregMr)(JNIEnv *env, jobject self, jlong handle)
{
    (void)self;
    struct entry *entry = handle_close(handle, KIND_MR);
    int failed = entry == NULL ? errno : ibv_dereg_mr(entry->object);
    if (entry != NULL && failed)
        handle_revive(entry);
    else if (entry != NULL)
        handle_closed(entry);
    if (failed)
        throw_io(env, "ibv_dereg_mr", failed);
}

/* Pages of regions are locked from the start: paging on demand is neither wanted nor offered. */
jint DISPATCHER(queryOdpSupport)(JNIEnv *env, jobject self, jlong context)
{
    (void)env, (void)self, (void)context;
    return 0;
}

jint DISPATCHER(expPrefetchMr)(JNIEnv *env, jobject self, jlong handle, jlong address, jint length)
{
    (void)self, (void)handle, (void)address, (void)length;
    throw_io(env, "prefetching", EOPNOTSUPP);
    return -1;
}

/* Java lays out the requests itself; what would make the library read beyond them is refused. */
static bool is_sendable(const struct ibv_send_wr *request)
{
    int count = 0;
    for (; request != NULL; request = request->next) {
        bool known = request->opcode == IBV_WR_RDMA_WRITE || request->opcode == IBV_WR_RDMA_READ
            || request->opcode == IBV_WR_SEND;
        if (!known || request->num_sge < 0 || request->num_sge > MOST_ELEMENTS
            || (request->num_sge > 0 && request->sg_list == NULL) || ++count > MOST_REQUESTS_AT_ONCE)
            return false;
    }
    return count > 0;
}

static bool is_receivable(const struct ibv_recv_wr *request)
{
    int count = 0;
    for (; request != NULL; request = request->next) {
        if (request->num_sge < 0 || request->num_sge > MOST_ELEMENTS
            || (request->num_sge > 0 && request->sg_list == NULL) || ++count > MOST_REQUESTS_AT_ONCE)
            return false;
    }
    return count > 0;
}

void DISPATCHER(postSend)(JNIEnv *env, jobject self, jlong qp, jlong requests)
{
    (void)self;
    struct entry *entry = handle_use(qp, KIND_QP);
    struct ibv_send_wr *first = (struct ibv_send_wr *)(intptr_t)requests;
    struct ibv_send_wr *bad;
    int failed = EBADF;
    if (entry != NULL) {
        failed = is_sendable(first) ? ibv_post_send(entry->object, first, &bad) : EINVAL;
        handle_release(entry);
    }
    if (failed)
        throw_io(env, "ibv_post_send", failed);
}

void DISPATCHER(postRecv)(JNIEnv *env, jobject self, jlong qp, jlong requests)
{
    (void)self;
    struct entry *entry = handle_use(qp, KIND_QP);
    struct ibv_recv_wr *first = (struct ibv_recv_wr *)(intptr_t)requests;
    struct ibv_recv_wr *bad;
    int failed = EBADF;
    if (entry != NULL) {
        failed = is_receivable(first) ? ibv_post_recv(entry->object, first, &bad) : EINVAL;
        handle_release(entry);
    }
    if (failed)
        throw_io(env, "ibv_post_recv", failed);
}

/* Acknowledges at once, as getCmEvent does and for the same reason. */
jint DISPATCHER(getCqEvent)(JNIEnv *env, jobject self, jlong channel, jint millis)
{
    (void)self;
    struct entry *entry = handle_use(channel, KIND_COMP_CHANNEL);
    if (entry == NULL) {
        throw_io(env, "ibv_get_cq_event", EBADF);
        return -1;
    }
    struct ibv_comp_channel *events = entry->object;
    struct ibv_cq *cq;
    void *context;
    int result = -1;
    if (wait_readable(events->fd, millis, entry) && ibv_get_cq_event(events, &cq, &context) == 0) {
        ibv_ack_cq_events(cq, 1);
        result = 0;
    }
    handle_release(entry);
    return result;
}

jint DISPATCHER(ackCqEvent)(JNIEnv *env, jobject self, jlong cq, jint events)
{
    (void)env, (void)self;
    struct entry *entry = handle_use(cq, KIND_CQ);
    if (entry == NULL)
        return -EBADF;
    handle_release(entry);
    return events < 0 ? -EINVAL : 0;
}

jint DISPATCHER(pollCQ)(JNIEnv *env, jobject self, jlong cq, jint most, jlong completions)
{
    (void)self;
    struct entry *entry = handle_use(cq, KIND_CQ);
    if (entry == NULL || most < 1 || completions == 0) {
        throw_io(env, "ibv_poll_cq", entry == NULL ? EBADF : EINVAL);
        if (entry != NULL)
            handle_release(entry);
        return -1;
    }
    int count = ibv_poll_cq(entry->object, most, (struct ibv_wc *)(intptr_t)completions);
    handle_release(entry);
    return count;
}

jint DISPATCHER(reqNotifyCQ)(JNIEnv *env, jobject self, jlong cq, jint solicited)
{
    (void)self;
    struct entry *entry = handle_use(cq, KIND_CQ);
    if (entry == NULL) {
        throw_io(env, "ibv_req_notify_cq", EBADF);
        return -1;
    }
    int failed = ibv_req_notify_cq(entry->object, solicited != 0);
    handle_release(entry);
    return failed;
}

jint DISPATCHER(getQpNum)(JNIEnv *env, jobject self, jlong qp)
{
    (void)self;
    struct entry *entry = handle_use(qp, KIND_QP);
    if (entry == NULL) {
        throw_io(env, "the number of a queue pair", EBADF);
        return -1;
    }
    int number = (int)((struct ibv_qp *)entry->object)->qp_num;
    handle_release(entry);
    return number;
}

jint DISPATCHER(getContextFd)(JNIEnv *env, jobject self, jlong context)
{
    (void)self;
    struct entry *entry = handle_use(context, KIND_CONTEXT);
    if (entry == NULL) {
        throw_io(env, "the descriptor of a device", EBADF);
        return -1;
    }
    int fd = ((struct ibv_context *)entry->object)->cmd_fd;
    handle_release(entry);
    return fd;
}

jint DISPATCHER(getContextNumCompVectors)(JNIEnv *env, jobject self, jlong context)
{
    (void)self;
    struct entry *entry = handle_use(context, KIND_CONTEXT);
    if (entry == NULL) {
        throw_io(env, "the completion vectors of a device", EBADF);
        return -1;
    }
    int vectors = ((struct ibv_context *)entry->object)->num_comp_vectors;
    handle_release(entry);
    return vectors;
}

jint DISPATCHER(getPdHandle)(JNIEnv *env, jobject self, jlong pd)
{
    (void)self;
    struct entry *entry = handle_use(pd, KIND_PD);
    if (entry == NULL) {
        throw_io(env, "the number of a protection domain", EBADF);
        return -1;
    }
    int number = (int)((struct ibv_pd *)entry->object)->handle;
    handle_release(entry);
    return number;
}
