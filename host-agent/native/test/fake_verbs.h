/* librdmacm and libibverbs of one process without a device, as far as the library uses them: linked
 * with it in place of the real ones, so that everything above can be tested and measured anywhere.
 * Connections are between ids of this process (fake_connections.c), transfers are copies under one
 * lock (fake_transfers.c). As strict as a device: keys count on their own protection domain, in their
 * range, for their access (fake_objects.c). */
#ifndef MEMFABRIC_FAKE_VERBS_H
#define MEMFABRIC_FAKE_VERBS_H

#include <pthread.h>
#include <rdma/rdma_cma.h>
#include <stdbool.h>

enum { RING = 2048 };

struct fake_cq {
    struct ibv_cq cq;
    struct ibv_wc ring[RING];
    unsigned head, tail;
    bool armed;
};

struct fake_qp {
    struct ibv_qp qp;
    struct fake_qp *peer;
    struct ibv_recv_wr receives[16];
    struct ibv_sge elements[16];
    int posted;
    bool failed;
};

struct fake_id {
    struct rdma_cm_id id;
    struct fake_id *peer;
};

struct fake_channel {
    struct rdma_event_channel channel;
    int write_fd;
};

struct fake_comp_channel {
    struct ibv_comp_channel channel;
    int write_fd;
};

/* Guards everything below and every object. */
extern pthread_mutex_t fake_lock;
extern bool fake_link_down;

/* The one device. */
extern struct ibv_context fake_device;

/* A pipe: answers the end that is read. */
int fake_pipe(int *write_fd);

/* Ends a queue pair, if there is one: what was posted to it is flushed. The caller holds the lock. */
void fake_fail(struct fake_qp *qp);

/* Whether a key is good for this, as a device would judge. The caller holds the lock. */
bool fake_allows(struct ibv_pd *pd, uint32_t key, uint64_t address, uint32_t length, int access);

#endif
