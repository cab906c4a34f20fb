/* What the two files about the connection manager share. */
#ifndef MEMFABRIC_CONNECTIONS_H
#define MEMFABRIC_CONNECTIONS_H

#include <rdma/rdma_cma.h>
#include <stdint.h>

struct entry;

/* Gives a new id its handle, in both directions; 0 where there is none left. */
int64_t adopt_id(struct rdma_cm_id *id, struct entry *channel);

#endif
