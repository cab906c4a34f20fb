#include "farewells.h"

#include "handles.h"

#include <infiniband/verbs.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *kept; /* linked by `other`: a kept id has no queue pair */

bool link_is_up(struct rdma_cm_id *id)
{
    struct ibv_port_attr port;
    return id->verbs == NULL || ibv_query_port(id->verbs, id->port_num, &port) != 0 || port.state == IBV_PORT_ACTIVE;
}

static struct entry *after(struct entry *entry)
{
    return (struct entry *)(intptr_t)entry->other;
}

void farewell_later(struct entry *entry)
{
    pthread_mutex_lock(&lock);
    entry->other = (int64_t)(intptr_t)kept;
    kept = entry;
    pthread_mutex_unlock(&lock);
}

void say_farewells(void)
{
    pthread_mutex_lock(&lock);
    struct entry *left = kept;
    kept = NULL;
    pthread_mutex_unlock(&lock);
    while (left != NULL) {
        struct entry *entry = left;
        left = after(entry);
        if (link_is_up(entry->object) && rdma_destroy_id(entry->object) == 0)
            handle_closed(entry);
        else
            farewell_later(entry);
    }
}
