/* Requests and their completions. */
#include "fake_verbs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

pthread_mutex_t fake_lock = PTHREAD_MUTEX_INITIALIZER;

static void complete(struct ibv_cq *of, struct fake_qp *qp, uint64_t id, enum ibv_wc_status status, uint32_t length)
{
    struct fake_cq *cq = (struct fake_cq *)of;
    cq->ring[cq->tail++ % RING]
        = (struct ibv_wc){.wr_id = id, .status = status, .byte_len = length, .qp_num = qp->qp.qp_num};
    if (cq->armed) {
        struct fake_comp_channel *channel = (struct fake_comp_channel *)of->channel;
        cq->armed = false;
        if (write(channel->write_fd, &of, sizeof of) != (ssize_t)sizeof of)
            abort();
    }
}

void fake_fail(struct fake_qp *qp)
{
    if (qp == NULL || qp->failed)
        return;
    qp->failed = true;
    for (int i = 0; i < qp->posted; i++)
        complete(qp->qp.recv_cq, qp, qp->receives[i].wr_id, IBV_WC_WR_FLUSH_ERR, 0);
    qp->posted = 0;
}

static enum ibv_wc_status send_message(struct fake_qp *from, struct fake_qp *to, const struct ibv_sge *what)
{
    if (!fake_allows(from->qp.pd, what->lkey, what->addr, what->length, 0))
        return IBV_WC_LOC_PROT_ERR;
    if (to->posted == 0)
        return IBV_WC_RNR_RETRY_EXC_ERR;
    struct ibv_recv_wr receive = to->receives[0];
    struct ibv_sge into = to->elements[0];
    to->posted--;
    memmove(to->receives, to->receives + 1, (size_t)to->posted * sizeof *to->receives);
    memmove(to->elements, to->elements + 1, (size_t)to->posted * sizeof *to->elements);
    if (what->length > into.length || !fake_allows(to->qp.pd, into.lkey, into.addr, into.length, IBV_ACCESS_LOCAL_WRITE))
        return IBV_WC_REM_INV_REQ_ERR;
    memcpy((void *)(uintptr_t)into.addr, (void *)(uintptr_t)what->addr, what->length);
    complete(to->qp.recv_cq, to, receive.wr_id, IBV_WC_SUCCESS, what->length);
    return IBV_WC_SUCCESS;
}

static enum ibv_wc_status carry_out(struct fake_qp *qp, const struct ibv_send_wr *request)
{
    struct fake_qp *peer = qp->peer;
    const struct ibv_sge *here = request->sg_list;
    if (qp->failed)
        return IBV_WC_WR_FLUSH_ERR;
    if (fake_link_down)
        return IBV_WC_LOC_QP_OP_ERR;
    if (peer == NULL || peer->failed)
        return IBV_WC_RETRY_EXC_ERR;
    if (request->opcode == IBV_WR_SEND)
        return send_message(qp, peer, here);
    if (here->length == 0)
        return IBV_WC_SUCCESS;
    bool reads = request->opcode == IBV_WR_RDMA_READ;
    if (!fake_allows(qp->qp.pd, here->lkey, here->addr, here->length, reads ? IBV_ACCESS_LOCAL_WRITE : 0))
        return IBV_WC_LOC_PROT_ERR;
    if (!fake_allows(peer->qp.pd, request->wr.rdma.rkey, request->wr.rdma.remote_addr, here->length,
            reads ? IBV_ACCESS_REMOTE_READ : IBV_ACCESS_REMOTE_WRITE))
        return IBV_WC_REM_ACCESS_ERR;
    void *mine = (void *)(uintptr_t)here->addr;
    void *theirs = (void *)(uintptr_t)request->wr.rdma.remote_addr;
    memcpy(reads ? mine : theirs, reads ? theirs : mine, here->length);
    return IBV_WC_SUCCESS;
}

static int post_send(struct ibv_qp *of, struct ibv_send_wr *request, struct ibv_send_wr **bad)
{
    struct fake_qp *qp = (struct fake_qp *)of;
    (void)bad;
    pthread_mutex_lock(&fake_lock);
    for (; request != NULL; request = request->next) {
        enum ibv_wc_status status = carry_out(qp, request);
        complete(of->send_cq, qp, request->wr_id, status, request->sg_list->length);
        if (status != IBV_WC_SUCCESS)
            fake_fail(qp);
    }
    pthread_mutex_unlock(&fake_lock);
    return 0;
}

static int post_recv(struct ibv_qp *of, struct ibv_recv_wr *request, struct ibv_recv_wr **bad)
{
    struct fake_qp *qp = (struct fake_qp *)of;
    (void)bad;
    pthread_mutex_lock(&fake_lock);
    if (qp->failed) {
        complete(of->recv_cq, qp, request->wr_id, IBV_WC_WR_FLUSH_ERR, 0);
    } else {
        qp->receives[qp->posted] = *request;
        qp->elements[qp->posted++] = request->sg_list[0];
    }
    pthread_mutex_unlock(&fake_lock);
    return 0;
}

static int poll_cq(struct ibv_cq *of, int most, struct ibv_wc *into)
{
    struct fake_cq *cq = (struct fake_cq *)of;
    int count = 0;
    pthread_mutex_lock(&fake_lock);
    while (count < most && cq->head != cq->tail)
        into[count++] = cq->ring[cq->head++ % RING];
    pthread_mutex_unlock(&fake_lock);
    return count;
}

static int req_notify_cq(struct ibv_cq *of, int solicited)
{
    (void)solicited;
    pthread_mutex_lock(&fake_lock);
    ((struct fake_cq *)of)->armed = true;
    pthread_mutex_unlock(&fake_lock);
    return 0;
}

struct ibv_context fake_device = {
    .ops = {.post_send = post_send, .post_recv = post_recv, .poll_cq = poll_cq, .req_notify_cq = req_notify_cq},
    .cmd_fd = -1,
    .num_comp_vectors = 1,
};
