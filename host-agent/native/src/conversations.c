/* What is said to peers through the connection manager, and what is heard of them: events, connect,
 * accept, disconnect. */
#include "connections.h"
#include "entry_points.h"
#include "farewells.h"
#include "handles.h"

#include <errno.h>
#include <rdma/rdma_cma.h>
#include <string.h>

/* 4.096 us << 16 = 0.27 s without an acknowledgement, eight times: a peer that vanished is noticed
 * after 2 to 3 s. What the connection manager would choose can be half a minute. */
enum { ACK_TIMEOUT = 16 };

/* Notes that from now on destroying an id tells somebody. */
static void begin_talk(int64_t handle)
{
    struct entry *entry = handle_use(handle, KIND_ID);
    if (entry != NULL) {
        entry->talks = true;
        handle_release(entry);
    }
}

/* Takes the next event and acknowledges it at once: closing an id waits for acknowledgements, and a
 * caller that forgot one would wait for ever. Whoever takes events takes leave of the ids that were
 * closed while their link was down, too. */
jint DISPATCHER(getCmEvent)(JNIEnv *env, jobject self, jlong channel, jlong listenid, jlong clientid, jint millis)
{
    (void)env, (void)self;
    struct entry *entry = handle_use(channel, KIND_CHANNEL);
    if (entry == NULL)
        return -1;
    say_farewells();
    struct rdma_event_channel *events = entry->object;
    struct rdma_cm_event *event;
    int type = -1;
    if (listenid != 0 && clientid != 0 && wait_readable(events->fd, millis, entry)
        && rdma_get_cm_event(events, &event) == 0) {
        int64_t listener = event->listen_id == NULL ? -1 : (int64_t)(intptr_t)event->listen_id->context;
        int64_t client = (int64_t)(intptr_t)event->id->context;
        struct rdma_cm_id *fresh = NULL;
        type = (int)event->event;
        if (event->event == RDMA_CM_EVENT_CONNECT_REQUEST) {
            fresh = event->id;
            client = adopt_id(fresh, entry);
            begin_talk(client);
        }
        rdma_ack_cm_event(event);
        if (client == 0) {
            rdma_destroy_id(fresh);
            type = -1;
        } else {
            memcpy((void *)(intptr_t)listenid, &listener, sizeof listener);
            memcpy((void *)(intptr_t)clientid, &client, sizeof client);
        }
    }
    handle_release(entry);
    return type;
}

/* getCmEvent has done it. */
jint DISPATCHER(ackCmEvent)(JNIEnv *env, jobject self, jint event)
{
    (void)env, (void)self;
    return event < 0 ? -EINVAL : 0;
}

/* As many reads at a time as the device can do; DiSNI passes no number. */
static struct rdma_conn_param parameters(jint retries, jint not_ready_retries)
{
    return (struct rdma_conn_param){
        .responder_resources = RDMA_MAX_RESP_RES,
        .initiator_depth = RDMA_MAX_INIT_DEPTH,
        .retry_count = (uint8_t)retries,
        .rnr_retry_count = (uint8_t)not_ready_retries,
    };
}

static bool are_retries(jint retries, jint not_ready_retries)
{
    return retries >= 0 && retries <= 7 && not_ready_retries >= 0 && not_ready_retries <= 7;
}

/* Of no use on a kernel before 5.1, which refuses. */
static void set_ack_timeout(struct rdma_cm_id *id)
{
    uint8_t timeout = ACK_TIMEOUT;
    (void)rdma_set_option(id, RDMA_OPTION_ID, RDMA_OPTION_ID_ACK_TIMEOUT, &timeout, sizeof timeout);
}

void DISPATCHER(connect)(JNIEnv *env, jobject self, jlong id, jint retries, jint not_ready_retries, jlong data,
    jbyte length)
{
    (void)self;
    struct entry *entry = handle_use(id, KIND_ID);
    if (entry == NULL || !are_retries(retries, not_ready_retries) || length < 0 || (length > 0 && data == 0)) {
        throw_io(env, "rdma_connect", entry == NULL ? EBADF : EINVAL);
    } else if (!link_is_up(entry->object)) {
        throw_io(env, "rdma_connect", ENETDOWN);
    } else {
        struct rdma_conn_param wanted = parameters(retries, not_ready_retries);
        wanted.private_data = length == 0 ? NULL : (const void *)(intptr_t)data;
        wanted.private_data_len = (uint8_t)length;
        set_ack_timeout(entry->object);
        entry->talks = true;
        if (rdma_connect(entry->object, &wanted) != 0)
            throw_io(env, "rdma_connect", errno);
    }
    handles_release(&entry, 1);
}

void DISPATCHER(accept)(JNIEnv *env, jobject self, jlong id, jint retries, jint not_ready_retries)
{
    (void)self;
    struct entry *entry = handle_use(id, KIND_ID);
    if (entry == NULL || !are_retries(retries, not_ready_retries)) {
        throw_io(env, "rdma_accept", entry == NULL ? EBADF : EINVAL);
    } else if (!link_is_up(entry->object)) {
        throw_io(env, "rdma_accept", ENETDOWN);
    } else {
        struct rdma_conn_param wanted = parameters(retries, not_ready_retries);
        set_ack_timeout(entry->object);
        if (rdma_accept(entry->object, &wanted) != 0)
            throw_io(env, "rdma_accept", errno);
    }
    handles_release(&entry, 1);
}

/* What rdma_disconnect does first, and all of it that can be done without a link. */
static int fail_qp(struct entry *id)
{
    struct entry *qp = handle_use(id->other, KIND_QP);
    if (qp == NULL)
        return 0;
    struct ibv_qp_attr error_state = {.qp_state = IBV_QPS_ERR};
    int failed = ibv_modify_qp(qp->object, &error_state, IBV_QP_STATE);
    handle_release(qp);
    return failed;
}

jint DISPATCHER(disconnect)(JNIEnv *env, jobject self, jlong id)
{
    (void)env, (void)self;
    struct entry *entry = handle_use(id, KIND_ID);
    if (entry == NULL)
        return -EBADF;
    int result = 0;
    if (!link_is_up(entry->object))
        result = -fail_qp(entry);
    else if (rdma_disconnect(entry->object) != 0)
        result = -errno;
    handle_release(entry);
    return result;
}
