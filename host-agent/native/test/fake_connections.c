/* The connection manager. */
#include "fake_verbs.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_PORT = 30000 };

static struct fake_id *listeners[64];
static int next_port = FIRST_PORT;
static int unheard;
bool fake_link_down;

/* Takes the link of the one device down or up, and answers how many messages of the connection
 * manager were sent without one since the last call: soft-RoCE makes no connection after such a one. */
__attribute__((visibility("default"))) int memfabric_fake_link(int up)
{
    pthread_mutex_lock(&fake_lock);
    int count = unheard;
    unheard = 0;
    fake_link_down = up == 0;
    pthread_mutex_unlock(&fake_lock);
    return count;
}

static void push_event(struct fake_id *to, enum rdma_cm_event_type type, struct rdma_cm_id *listener)
{
    struct rdma_cm_event *event = calloc(1, sizeof *event);
    struct fake_channel *channel = (struct fake_channel *)to->id.channel;
    if (event == NULL)
        abort();
    event->id = &to->id;
    event->listen_id = listener;
    event->event = type;
    if (write(channel->write_fd, &event, sizeof event) != (ssize_t)sizeof event)
        abort();
}

struct rdma_event_channel *rdma_create_event_channel(void)
{
    struct fake_channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL)
        return NULL;
    channel->channel.fd = fake_pipe(&channel->write_fd);
    return &channel->channel;
}

void rdma_destroy_event_channel(struct rdma_event_channel *channel)
{
    close(channel->fd);
    close(((struct fake_channel *)channel)->write_fd);
    free(channel);
}

int rdma_create_id(struct rdma_event_channel *channel, struct rdma_cm_id **id, void *context,
    enum rdma_port_space space)
{
    struct fake_id *made = calloc(1, sizeof *made);
    if (made == NULL)
        return -1;
    made->id.channel = channel;
    made->id.context = context;
    made->id.ps = space;
    *id = &made->id;
    return 0;
}

static void part(struct fake_id *id)
{
    struct fake_id *peer = id->peer;
    fake_fail((struct fake_qp *)id->id.qp);
    if (peer != NULL && peer->peer == id) {
        if (fake_link_down)
            unheard++;
        id->peer = NULL;
        peer->peer = NULL;
        push_event(peer, RDMA_CM_EVENT_DISCONNECTED, NULL);
    }
}

int rdma_destroy_id(struct rdma_cm_id *id)
{
    struct fake_id *gone = (struct fake_id *)id;
    pthread_mutex_lock(&fake_lock);
    part(gone);
    for (int i = 0; i < 64; i++)
        if (listeners[i] == gone)
            listeners[i] = NULL;
    pthread_mutex_unlock(&fake_lock);
    /* Events may still name it. */
    return 0;
}

int rdma_create_qp(struct rdma_cm_id *id, struct ibv_pd *pd, struct ibv_qp_init_attr *wanted)
{
    static uint32_t number = 100;
    struct fake_qp *qp = calloc(1, sizeof *qp);
    if (qp == NULL)
        return -1;
    qp->qp = (struct ibv_qp){.context = id->verbs, .pd = pd, .send_cq = wanted->send_cq,
        .recv_cq = wanted->recv_cq, .qp_num = ++number, .qp_type = wanted->qp_type};
    id->qp = &qp->qp;
    return 0;
}

void rdma_destroy_qp(struct rdma_cm_id *id)
{
    struct fake_qp *qp = (struct fake_qp *)id->qp;
    pthread_mutex_lock(&fake_lock);
    if (qp->peer != NULL)
        qp->peer->peer = NULL;
    id->qp = NULL;
    pthread_mutex_unlock(&fake_lock);
    free(qp);
}

static struct sockaddr_in *source_of(struct rdma_cm_id *id)
{
    return (struct sockaddr_in *)&id->route.addr.src_sin;
}

int rdma_bind_addr(struct rdma_cm_id *id, struct sockaddr *address)
{
    pthread_mutex_lock(&fake_lock);
    memcpy(source_of(id), address, sizeof(struct sockaddr_in));
    if (source_of(id)->sin_port == 0)
        source_of(id)->sin_port = htons((uint16_t)++next_port);
    id->verbs = &fake_device;
    pthread_mutex_unlock(&fake_lock);
    return 0;
}

int rdma_listen(struct rdma_cm_id *id, int backlog)
{
    (void)backlog;
    pthread_mutex_lock(&fake_lock);
    for (int i = 0; i < 64; i++) {
        if (listeners[i] == NULL) {
            listeners[i] = (struct fake_id *)id;
            break;
        }
    }
    pthread_mutex_unlock(&fake_lock);
    return 0;
}

int rdma_resolve_addr(struct rdma_cm_id *id, struct sockaddr *from, struct sockaddr *to, int millis)
{
    (void)from, (void)millis;
    memcpy(&id->route.addr.dst_sin, to, sizeof(struct sockaddr_in));
    source_of(id)->sin_family = AF_INET;
    id->verbs = &fake_device;
    push_event((struct fake_id *)id, RDMA_CM_EVENT_ADDR_RESOLVED, NULL);
    return 0;
}

int rdma_resolve_route(struct rdma_cm_id *id, int millis)
{
    (void)millis;
    push_event((struct fake_id *)id, RDMA_CM_EVENT_ROUTE_RESOLVED, NULL);
    return 0;
}

int rdma_connect(struct rdma_cm_id *id, struct rdma_conn_param *wanted)
{
    struct fake_id *asking = (struct fake_id *)id;
    struct rdma_cm_id *made;
    (void)wanted;
    pthread_mutex_lock(&fake_lock);
    struct fake_id *at = NULL;
    if (fake_link_down)
        unheard++;
    for (int i = 0; i < 64; i++)
        if (listeners[i] != NULL && source_of(&listeners[i]->id)->sin_port == id->route.addr.dst_sin.sin_port)
            at = listeners[i];
    if (at == NULL || rdma_create_id(at->id.channel, &made, NULL, RDMA_PS_TCP) != 0) {
        push_event(asking, RDMA_CM_EVENT_REJECTED, NULL);
    } else {
        made->verbs = &fake_device;
        memcpy(&made->route.addr.dst_sin, source_of(id), sizeof(struct sockaddr_in));
        asking->peer = (struct fake_id *)made;
        asking->peer->peer = asking;
        push_event(asking->peer, RDMA_CM_EVENT_CONNECT_REQUEST, &at->id);
    }
    pthread_mutex_unlock(&fake_lock);
    return 0;
}

int rdma_accept(struct rdma_cm_id *id, struct rdma_conn_param *wanted)
{
    struct fake_id *mine = (struct fake_id *)id;
    (void)wanted;
    pthread_mutex_lock(&fake_lock);
    if (fake_link_down)
        unheard++;
    struct fake_qp *here = (struct fake_qp *)id->qp;
    struct fake_qp *there = mine->peer == NULL ? NULL : (struct fake_qp *)mine->peer->id.qp;
    if (there != NULL) {
        here->peer = there;
        there->peer = here;
        push_event(mine, RDMA_CM_EVENT_ESTABLISHED, NULL);
        push_event(mine->peer, RDMA_CM_EVENT_ESTABLISHED, NULL);
    }
    pthread_mutex_unlock(&fake_lock);
    if (there == NULL) {
        errno = ECONNRESET;
        return -1;
    }
    return 0;
}

int rdma_disconnect(struct rdma_cm_id *id)
{
    pthread_mutex_lock(&fake_lock);
    part((struct fake_id *)id);
    pthread_mutex_unlock(&fake_lock);
    return 0;
}

int rdma_get_cm_event(struct rdma_event_channel *channel, struct rdma_cm_event **event)
{
    return read(channel->fd, event, sizeof *event) == (ssize_t)sizeof *event ? 0 : -1;
}

int rdma_ack_cm_event(struct rdma_cm_event *event)
{
    free(event);
    return 0;
}

int rdma_set_option(struct rdma_cm_id *id, int level, int name, void *value, size_t length)
{
    (void)id, (void)level, (void)name, (void)value, (void)length;
    return 0;
}
