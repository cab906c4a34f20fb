#include "handles.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

/* A handle is generation << INDEX_BITS | index, so it is positive and the next object in the same
 * place has another one. An entry's word holds what must change together. */
enum { INDEX_BITS = 17, USERS_BITS = 20, KIND_BITS = 4, STATE_BITS = 2 };
enum state { FREE, LIVE, CLOSING };

#define USERS_MASK ((UINT64_C(1) << USERS_BITS) - 1)
#define KIND_SHIFT USERS_BITS
#define STATE_SHIFT (KIND_SHIFT + KIND_BITS)
#define GENERATION_SHIFT (STATE_SHIFT + STATE_BITS)
#define GENERATION_MASK ((UINT64_C(1) << (64 - GENERATION_SHIFT)) - 1)

static struct entry table[HANDLES];
static pthread_mutex_t growing = PTHREAD_MUTEX_INITIALIZER;
static uint32_t used = 1; /* entry 0 stays empty: 0 is no handle and no free entry */
static uint32_t free_list;
static _Atomic int32_t live[KIND_MR + 1];

static uint64_t word_of(uint64_t generation, enum state state, enum kind kind)
{
    return generation << GENERATION_SHIFT | (uint64_t)state << STATE_SHIFT | (uint64_t)kind << KIND_SHIFT;
}

static uint64_t generation_of(uint64_t word)
{
    return word >> GENERATION_SHIFT;
}

static enum state state_of(uint64_t word)
{
    return (enum state)(word >> STATE_SHIFT & ((1U << STATE_BITS) - 1));
}

static enum kind kind_of(uint64_t word)
{
    return (enum kind)(word >> KIND_SHIFT & ((1U << KIND_BITS) - 1));
}

static struct entry *entry_of(int64_t handle)
{
    if (handle <= 0)
        return NULL;
    uint64_t index = (uint64_t)handle & (HANDLES - 1);
    return index == 0 ? NULL : &table[index];
}

static bool is_live(uint64_t word, int64_t handle, enum kind kind)
{
    return state_of(word) == LIVE && kind_of(word) == kind
        && generation_of(word) == (uint64_t)handle >> INDEX_BITS;
}

static struct entry *take(void)
{
    struct entry *taken = NULL;
    pthread_mutex_lock(&growing);
    if (free_list != 0) {
        taken = &table[free_list];
        free_list = taken->next_free;
    } else if (used < HANDLES) {
        taken = &table[used++];
    }
    pthread_mutex_unlock(&growing);
    return taken;
}

int64_t handle_open(enum kind kind, void *object, struct entry *parent)
{
    struct entry *entry = take();
    if (entry == NULL)
        return 0;
    uint64_t generation = (generation_of(atomic_load(&entry->word)) + 1) & GENERATION_MASK;
    if (generation == 0)
        generation = 1;
    entry->object = object;
    entry->parent = parent;
    entry->other = 0;
    entry->talks = false;
    atomic_store(&entry->children, 0);
    if (parent != NULL)
        atomic_fetch_add(&parent->children, 1);
    atomic_fetch_add(&live[kind], 1);
    atomic_store(&entry->word, word_of(generation, LIVE, kind));
    return (int64_t)(generation << INDEX_BITS | (uint64_t)(entry - table));
}

struct entry *handle_use(int64_t handle, enum kind kind)
{
    struct entry *entry = entry_of(handle);
    if (entry == NULL)
        return NULL;
    uint64_t word = atomic_load_explicit(&entry->word, memory_order_relaxed);
    do {
        if (!is_live(word, handle, kind) || (word & USERS_MASK) == USERS_MASK)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&entry->word, &word, word + 1, memory_order_acquire,
        memory_order_relaxed));
    return entry;
}

void handle_release(struct entry *entry)
{
    atomic_fetch_sub_explicit(&entry->word, 1, memory_order_release);
}

void handles_release(struct entry **entries, int count)
{
    for (int i = 0; i < count; i++)
        if (entries[i] != NULL)
            handle_release(entries[i]);
}

void *handle_object(struct entry *entry)
{
    return entry == NULL ? NULL : entry->object;
}

bool handle_is_closing(struct entry *entry)
{
    return state_of(atomic_load(&entry->word)) == CLOSING;
}

struct entry *handle_close(int64_t handle, enum kind kind)
{
    struct entry *entry = entry_of(handle);
    uint64_t word = entry == NULL ? 0 : atomic_load(&entry->word);
    do {
        if (entry == NULL || !is_live(word, handle, kind)) {
            errno = EBADF;
            return NULL;
        }
    } while (!atomic_compare_exchange_weak(&entry->word, &word, word ^ (uint64_t)(LIVE ^ CLOSING) << STATE_SHIFT));
    const struct timespec moment = {.tv_nsec = 20000};
    while ((atomic_load(&entry->word) & USERS_MASK) != 0)
        nanosleep(&moment, NULL);
    if (atomic_load(&entry->children) > 0) {
        handle_revive(entry);
        errno = EBUSY;
        return NULL;
    }
    return entry;
}

void handle_revive(struct entry *entry)
{
    atomic_fetch_xor(&entry->word, (uint64_t)(LIVE ^ CLOSING) << STATE_SHIFT);
}

void handle_closed(struct entry *entry)
{
    uint64_t word = atomic_load(&entry->word);
    if (entry->parent != NULL)
        atomic_fetch_sub(&entry->parent->children, 1);
    atomic_fetch_sub(&live[kind_of(word)], 1);
    entry->object = NULL;
    entry->parent = NULL;
    atomic_store(&entry->word, word_of(generation_of(word), FREE, kind_of(word)));
    pthread_mutex_lock(&growing);
    entry->next_free = free_list;
    free_list = (uint32_t)(entry - table);
    pthread_mutex_unlock(&growing);
}

int64_t handle_of_context(void *context)
{
    enum { MOST = 64 }; /* devices of a host */
    static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;
    static void *contexts[MOST];
    static int64_t handles[MOST];
    int64_t found = 0;
    pthread_mutex_lock(&looking);
    for (int i = 0; i < MOST && found == 0; i++) {
        if (contexts[i] == context) {
            found = handles[i];
        } else if (contexts[i] == NULL) {
            found = handle_open(KIND_CONTEXT, context, NULL);
            if (found == 0)
                break;
            contexts[i] = context;
            handles[i] = found;
        }
    }
    pthread_mutex_unlock(&looking);
    return found;
}

int memfabric_live_objects(enum kind kind)
{
    return atomic_load(&live[kind]);
}
