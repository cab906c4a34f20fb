/* The table of live objects. What Java holds is a handle, never a pointer: a handle that was closed,
 * made up or of another kind finds nothing. Every function here may be called by any thread. */
#ifndef MEMFABRIC_HANDLES_H
#define MEMFABRIC_HANDLES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum kind { KIND_CHANNEL = 1, KIND_ID, KIND_QP, KIND_CONTEXT, KIND_PD, KIND_COMP_CHANNEL, KIND_CQ, KIND_MR };

/* The most objects that can live at a time. A leg has a channel, an id, a QP, a PD, a completion
 * channel, a CQ and up to 102 registrations. */
enum { HANDLES = 1 << 17 };

struct entry {
    _Atomic uint64_t word; /* generation, state, kind, users: see handles.c */
    void *object;
    struct entry *parent;
    _Atomic int32_t children;
    int64_t other; /* a CM id's QP; a QP's most scatter/gather elements */
    bool talks; /* a CM id that has a peer to take leave of */
    uint32_t next_free;
};

/* Makes a handle, 0 where the table is full. The parent cannot be closed before it. */
int64_t handle_open(enum kind kind, void *object, struct entry *parent);

/* Finds a live object and keeps it from being closed until handle_release; NULL where there is none. */
struct entry *handle_use(int64_t handle, enum kind kind);
void handle_release(struct entry *entry);

/* The same for several, of which some may not have been found. */
void handles_release(struct entry **entries, int count);

/* The object of an entry that may not have been found: NULL then. */
void *handle_object(struct entry *entry);

/* Whether someone waits for this object, which the caller uses, to close it. */
bool handle_is_closing(struct entry *entry);

/* Begins to close: nobody finds the object any more, and nobody uses it when this returns. Sets
 * errno to EBADF where there is no such object, EBUSY where it has children. */
struct entry *handle_close(int64_t handle, enum kind kind);

/* Ends what handle_close began: the handle is gone, or valid again where the object lives on. */
void handle_closed(struct entry *entry);
void handle_revive(struct entry *entry);

/* The handle of a live context, made at its first use: contexts belong to librdmacm and are never
 * closed. 0 where the table is full. */
int64_t handle_of_context(void *context);

/* How many objects of this kind are live. Exported, so that tests can look for leaks. */
__attribute__((visibility("default"))) int memfabric_live_objects(enum kind kind);

#endif
