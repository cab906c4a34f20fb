/* The table of handles: what is closed, made up or of another kind is never found, in any thread. */
#include "handles.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void check(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "FAILED: %s\n", what);
        exit(1);
    }
}

static void closed_handles_are_not_found(void)
{
    int object;
    int64_t handle = handle_open(KIND_PD, &object, NULL);
    check(handle > 0, "a handle is positive");
    struct entry *entry = handle_use(handle, KIND_PD);
    check(entry != NULL && entry->object == &object, "a live handle is found");
    handle_release(entry);
    check(handle_use(handle, KIND_CQ) == NULL, "a handle of another kind is not found");
    check(handle_use(handle + 1, KIND_PD) == NULL, "a neighbour is not found");
    check(handle_use(handle + ((int64_t)1 << 17), KIND_PD) == NULL, "another generation is not found");
    check(handle_use(0, KIND_PD) == NULL && handle_use(-1, KIND_PD) == NULL, "no number below 1 is found");
    check(handle_use((int64_t)(intptr_t)&object, KIND_PD) == NULL, "a pointer is not found");
    handle_closed(handle_close(handle, KIND_PD));
    check(handle_use(handle, KIND_PD) == NULL, "a closed handle is not found");
    check(handle_close(handle, KIND_PD) == NULL && errno == EBADF, "nothing is closed twice");
    int64_t next = handle_open(KIND_PD, &object, NULL);
    check(next != handle && handle_use(handle, KIND_PD) == NULL, "the next one in its place has another handle");
    handle_closed(handle_close(next, KIND_PD));
}

static void parents_outlive_children(void)
{
    int object;
    int64_t parent = handle_open(KIND_PD, &object, NULL);
    struct entry *entry = handle_use(parent, KIND_PD);
    int64_t child = handle_open(KIND_MR, &object, entry);
    handle_release(entry);
    check(handle_close(parent, KIND_PD) == NULL && errno == EBUSY, "a parent with children stays");
    check(memfabric_live_objects(KIND_MR) == 1, "a live child counts");
    handle_closed(handle_close(child, KIND_MR));
    check(memfabric_live_objects(KIND_MR) == 0, "a closed child does not count");
    handle_closed(handle_close(parent, KIND_PD));
}

static void the_table_is_bounded(void)
{
    int object;
    static int64_t all[HANDLES];
    int count = 0;
    for (int64_t handle; (handle = handle_open(KIND_CQ, &object, NULL)) != 0; count++)
        all[count] = handle;
    check(count > HANDLES / 2 && count < HANDLES, "a full table gives no handle");
    while (count > 0)
        handle_closed(handle_close(all[--count], KIND_CQ));
}

static _Atomic int64_t shared;
static _Atomic bool done;

static void *use_what_is_shared(void *unused)
{
    (void)unused;
    while (!atomic_load(&done)) {
        struct entry *entry = handle_use(atomic_load(&shared), KIND_QP);
        if (entry != NULL) {
            check(*(int *)entry->object == 0, "an object in use is alive");
            handle_release(entry);
        }
    }
    return NULL;
}

/* The object is destroyed after each close: under the thread sanitizer, a user of a closed object is
 * a race. */
static void objects_in_use_are_not_closed(void)
{
    pthread_t users[3];
    for (int i = 0; i < 3; i++)
        check(pthread_create(&users[i], NULL, use_what_is_shared, NULL) == 0, "a thread");
    for (int i = 0; i < 3000; i++) {
        int *object = calloc(1, sizeof *object);
        check(object != NULL, "memory");
        int64_t handle = handle_open(KIND_QP, object, NULL);
        atomic_store(&shared, handle);
        struct entry *closing = handle_close(handle, KIND_QP);
        check(closing != NULL, "what is in use can be closed");
        *object = 1;
        handle_closed(closing);
        free(object);
    }
    atomic_store(&done, true);
    for (int i = 0; i < 3; i++)
        pthread_join(users[i], NULL);
}

int main(void)
{
    closed_handles_are_not_found();
    parents_outlive_children();
    objects_in_use_are_not_closed();
    the_table_is_bounded();
    puts("handles: 4 tests passed");
    return 0;
}
