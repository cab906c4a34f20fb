/* handles.h with bare pointers for handles and nothing checked, as other makes of this library have
 * them. Linked into a library that tests install in place of ours: what is above must not lean on how
 * ours makes its handles. Entries are never freed, so a late event finds one. */
#include "handles.h"

#include <errno.h>
#include <stdlib.h>

static _Atomic int live[KIND_MR + 1];

static struct entry *entry_of(int64_t handle)
{
    return handle == -1 ? NULL : (struct entry *)(intptr_t)handle;
}

int64_t handle_open(enum kind kind, void *object, struct entry *parent)
{
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        return 0;
    entry->object = object;
    entry->parent = parent;
    atomic_store(&entry->word, kind);
    atomic_fetch_add(&live[kind], 1);
    return (int64_t)(intptr_t)entry;
}

struct entry *handle_use(int64_t handle, enum kind kind)
{
    (void)kind;
    return entry_of(handle);
}

void handle_release(struct entry *entry)
{
    (void)entry;
}

void handles_release(struct entry **entries, int count)
{
    (void)entries, (void)count;
}

void *handle_object(struct entry *entry)
{
    return entry == NULL ? NULL : entry->object;
}

bool handle_is_closing(struct entry *entry)
{
    (void)entry;
    return false;
}

struct entry *handle_close(int64_t handle, enum kind kind)
{
    (void)kind;
    struct entry *entry = entry_of(handle);
    if (entry == NULL)
        errno = EBADF;
    return entry;
}

void handle_closed(struct entry *entry)
{
    atomic_fetch_sub(&live[atomic_load(&entry->word)], 1);
}

void handle_revive(struct entry *entry)
{
    (void)entry;
}

int64_t handle_of_context(void *context)
{
    static _Atomic int64_t known;
    if (known == 0)
        known = handle_open(KIND_CONTEXT, context, NULL);
    return known;
}

int memfabric_live_objects(enum kind kind)
{
    return atomic_load(&live[kind]);
}
