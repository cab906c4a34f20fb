/* Protection domains, completion channels and queues, registrations, the port. */
#include "fake_verbs.h"

#include <stdlib.h>
#include <unistd.h>

#undef ibv_reg_mr
#undef ibv_query_port

enum { MOST = 4096 };

static struct ibv_mr *registered[MOST];
static int access_of[MOST];

bool fake_allows(struct ibv_pd *pd, uint32_t key, uint64_t address, uint32_t length, int access)
{
    struct ibv_mr *mr = key == 0 || key >= MOST ? NULL : registered[key];
    return mr != NULL && mr->pd == pd && (access_of[key] & access) == access && address >= (uintptr_t)mr->addr
        && address + length <= (uintptr_t)mr->addr + mr->length;
}

int fake_pipe(int *write_fd)
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    *write_fd = ends[1];
    return ends[0];
}

struct ibv_pd *ibv_alloc_pd(struct ibv_context *context)
{
    struct ibv_pd *pd = calloc(1, sizeof *pd);
    if (pd != NULL)
        pd->context = context;
    return pd;
}

int ibv_dealloc_pd(struct ibv_pd *pd)
{
    free(pd);
    return 0;
}

struct ibv_comp_channel *ibv_create_comp_channel(struct ibv_context *context)
{
    struct fake_comp_channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL)
        return NULL;
    channel->channel.context = context;
    channel->channel.fd = fake_pipe(&channel->write_fd);
    return &channel->channel;
}

int ibv_destroy_comp_channel(struct ibv_comp_channel *channel)
{
    close(channel->fd);
    close(((struct fake_comp_channel *)channel)->write_fd);
    free(channel);
    return 0;
}

struct ibv_cq *ibv_create_cq(struct ibv_context *context, int entries, void *cq_context,
    struct ibv_comp_channel *channel, int vector)
{
    struct fake_cq *cq = calloc(1, sizeof *cq);
    (void)entries, (void)vector;
    if (cq == NULL)
        return NULL;
    cq->cq.context = context;
    cq->cq.channel = channel;
    cq->cq.cq_context = cq_context;
    return &cq->cq;
}

int ibv_destroy_cq(struct ibv_cq *cq)
{
    free(cq);
    return 0;
}

int ibv_get_cq_event(struct ibv_comp_channel *channel, struct ibv_cq **cq, void **context)
{
    if (read(channel->fd, cq, sizeof *cq) != (ssize_t)sizeof *cq)
        return -1;
    *context = NULL;
    return 0;
}

void ibv_ack_cq_events(struct ibv_cq *cq, unsigned int events)
{
    (void)cq, (void)events;
}

int ibv_query_port(struct ibv_context *context, uint8_t port_num, struct _compat_ibv_port_attr *attributes)
{
    (void)context, (void)port_num;
    pthread_mutex_lock(&fake_lock);
    ((struct ibv_port_attr *)attributes)->state = fake_link_down ? IBV_PORT_DOWN : IBV_PORT_ACTIVE;
    pthread_mutex_unlock(&fake_lock);
    return 0;
}

int ibv_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attributes, int mask)
{
    (void)attributes, (void)mask;
    pthread_mutex_lock(&fake_lock);
    fake_fail((struct fake_qp *)qp);
    pthread_mutex_unlock(&fake_lock);
    return 0;
}

static struct ibv_mr *add_registration(struct ibv_pd *pd, void *address, size_t length, int access)
{
    static uint32_t last;
    struct ibv_mr *mr = calloc(1, sizeof *mr);
    if (mr == NULL)
        return NULL;
    pthread_mutex_lock(&fake_lock);
    do
        last = last % (MOST - 1) + 1;
    while (registered[last] != NULL);
    *mr = (struct ibv_mr){.context = pd->context, .pd = pd, .addr = address, .length = length,
        .handle = last, .lkey = last, .rkey = last};
    registered[last] = mr;
    access_of[last] = access;
    pthread_mutex_unlock(&fake_lock);
    return mr;
}

struct ibv_mr *ibv_reg_mr(struct ibv_pd *pd, void *address, size_t length, int access)
{
    return add_registration(pd, address, length, access);
}

struct ibv_mr *ibv_reg_mr_iova2(struct ibv_pd *pd, void *address, size_t length, uint64_t iova, unsigned int access)
{
    (void)iova;
    return add_registration(pd, address, length, (int)access);
}

int ibv_dereg_mr(struct ibv_mr *mr)
{
    pthread_mutex_lock(&fake_lock);
    registered[mr->lkey] = NULL;
    pthread_mutex_unlock(&fake_lock);
    free(mr);
    return 0;
}
