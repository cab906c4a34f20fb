/* What the connection manager may say, and when. Every message of it goes over the one management
 * queue pair of a port, and soft-RoCE puts that one into the error state for good when a message
 * cannot be sent: it hears no answer any more, and the host makes no connection until the module is
 * loaded again. So nothing is said at a port whose link is down. */
#ifndef MEMFABRIC_FAREWELLS_H
#define MEMFABRIC_FAREWELLS_H

#include <rdma/rdma_cma.h>
#include <stdbool.h>

struct entry;

/* Whether something can be said: true also where nobody knows. */
bool link_is_up(struct rdma_cm_id *id);

/* Keeps an id whose queue pair is gone, and that handle_close has hidden, until its link is up:
 * destroying it says goodbye. */
void farewell_later(struct entry *entry);

/* Destroys the ids that were kept and whose link is up. */
void say_farewells(void);

#endif
