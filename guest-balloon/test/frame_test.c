#include "frame.h"

#include "test.h"

#include <string.h>

#define MOST ((uint64_t)INT64_MAX)
#define ALL UINT64_MAX

struct meaning {
    const char *name;
    struct frame frame;
};

#define BOOT {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}
#define ONES {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}
#define HELLO(...) {FRAME_HELLO, {.hello = {__VA_ARGS__}}}
#define STATS(...) {FRAME_STATS, {.stats = {__VA_ARGS__}}}
#define REPLY(...) {FRAME_REPLY, {.reply = {__VA_ARGS__}}}
#define CONFIGURE(ms) {FRAME_CONFIGURE, {.interval_ms = (ms)}}
#define SWAP_ON(...) {FRAME_SWAP_ON, {.swap = {__VA_ARGS__}}}
#define SWAP_OFF(id, text) {FRAME_SWAP_OFF, {.swap = {.request_id = (id), .serial = text}}}
#define THRESHOLDS(...) {FRAME_THRESHOLDS, {.thresholds = {__VA_ARGS__}}}
#define RECLAIM(id, size) {FRAME_RECLAIM, {.swap = {.request_id = (id), .size_bytes = (size)}}}
#define SOME_STATS(...)                                                                       \
    STATS(.total = 161878016, .free = 129904640, .available = 134606848,                      \
          .swap_total = 536866816, .swap_free = 268433408, .major_faults = 42, .refaults = 43, \
          .pages_swapped_in = 44, .pages_swapped_out = 45, __VA_ARGS__)

/* What each vector means. The host's tests have the same table. */
static const struct meaning meanings[] = {
    {"hello", HELLO(7, BOOT, 256)},
    {"hello-of-nothing", HELLO(0, {0}, 0)},
    {"hello-all-bits", HELLO(UINT32_MAX, ONES, UINT32_MAX)},
    {"stats", SOME_STATS(.pressure_some_centipercent = 1234, .pressure_some_micros = 10364,
                         .pressure_full_micros = 9559)},
    {"stats-without-psi", SOME_STATS(.pressure_some_centipercent = -1)},
    {"stats-zero", STATS(0)},
    {"stats-largest", STATS(MOST, MOST, MOST, MOST, MOST, 10000, MOST, MOST, MOST, MOST, MOST, MOST)},
    {"reply-ok", REPLY(1, REPLY_OK, 0)},
    {"reply-wrong-size", REPLY(2, REPLY_WRONG_SIZE, 536870912)},
    {"reply-would-not-fit", REPLY(3, REPLY_WOULD_NOT_FIT, 287097652)},
    {"reply-kernel-error", REPLY(4, REPLY_KERNEL_ERROR, 12)},
    {"reply-bad-request", REPLY(5, REPLY_BAD_REQUEST, 0)},
    {"reply-all-bits", REPLY(ALL, REPLY_BUSY, ALL)},
    {"configure-second", CONFIGURE(1000)},
    {"configure-least", CONFIGURE(100)},
    {"configure-most", CONFIGURE(60000)},
    {"swap-on", SWAP_ON(6, 536870912, "g-0123456789abcdef99", 32767)},
    {"swap-on-short-serial", SWAP_ON(7, 67108864, "g-1", 0)},
    {"swap-on-largest", SWAP_ON(ALL, MOST, "ABCDEFGHIJKLMNOPQRST", 1)},
    {"swap-off", SWAP_OFF(8, "g-0123456789abcdef99")},
    {"swap-off-short-serial", SWAP_OFF(9, "z")},
    {"thresholds", THRESHOLDS(30000, 1000000)},
    {"thresholds-least", THRESHOLDS(1000, 500000)},
    {"thresholds-most", THRESHOLDS(10000000, 10000000)},
    {"reclaim", RECLAIM(10, 134217728)},
    {"reclaim-a-byte", RECLAIM(ALL, 1)},
    {"reclaim-largest", RECLAIM(11, 1 << 30)},
};
static const size_t meaning_count = sizeof meanings / sizeof *meanings;

static bool same(const struct frame *a, const struct frame *b)
{
    const struct swap_request *s = &a->body.swap, *t = &b->body.swap;
    if (a->type != b->type) return false;
    switch (a->type) {
    case FRAME_HELLO:
        return a->body.hello.features == b->body.hello.features &&
               a->body.hello.version == b->body.hello.version &&
               memcmp(a->body.hello.boot_id, b->body.hello.boot_id, 16) == 0;
    case FRAME_STATS: return memcmp(&a->body.stats, &b->body.stats, sizeof a->body.stats) == 0;
    case FRAME_REPLY:
        return a->body.reply.request_id == b->body.reply.request_id &&
               a->body.reply.code == b->body.reply.code &&
               a->body.reply.detail == b->body.reply.detail;
    case FRAME_CONFIGURE: return a->body.interval_ms == b->body.interval_ms;
    case FRAME_THRESHOLDS:
        return a->body.thresholds.stall_micros == b->body.thresholds.stall_micros &&
               a->body.thresholds.window_micros == b->body.thresholds.window_micros;
    case FRAME_SWAP_ON:
    case FRAME_SWAP_OFF:
    case FRAME_RECLAIM:
        return s->request_id == t->request_id && s->size_bytes == t->size_bytes &&
               s->priority == t->priority && strcmp(s->serial, t->serial) == 0;
    }
    return false;
}

static size_t well_formed, malformed;

static void check_vector(const char *name, bool refused, const uint8_t *bytes, size_t n)
{
    struct frame frame;
    bool decoded = frame_decode(bytes, n, &frame);
    if (refused) {
        malformed++;
        check(!decoded, name, "refused vector", 0);
        return;
    }
    well_formed++;
    if (!check(decoded, name, "vector", 0)) return;
    bool known = false;
    for (size_t i = 0; i < meaning_count; i++) {
        if (strcmp(meanings[i].name, name) != 0) continue;
        known = true;
        check(same(&frame, &meanings[i].frame), name, "meaning of vector", 0);
    }
    check(known, name, "vector without a meaning", 0);
}

static void decodes_every_vector_to_its_meaning_and_refuses_the_others(void)
{
    each_vector(check_vector);
    CHECK(well_formed == meaning_count);
    CHECK(malformed > 30);
}

static void encodes_every_meaning_to_its_vector(void)
{
    for (size_t i = 0; i < meaning_count; i++) {
        uint8_t expected[256], encoded[FRAME_MAX_BYTES];
        size_t n = vector_bytes(meanings[i].name, expected);
        check(frame_encode(&meanings[i].frame, encoded) == n && memcmp(encoded, expected, n) == 0,
              meanings[i].name, "encoded", 0);
    }
}

static void feed(struct frame_reader *reader, const uint8_t *bytes, size_t n)
{
    size_t room;
    uint8_t *space = frame_reader_space(reader, &room);
    CHECK(n <= room);
    memcpy(space, bytes, n);
    frame_reader_added(reader, n);
}

static void reads_a_stream_that_comes_byte_by_byte(void)
{
    struct frame_reader reader = {0};
    struct frame frame;
    for (size_t i = 0; i < meaning_count; i++) {
        uint8_t bytes[256];
        size_t n = vector_bytes(meanings[i].name, bytes);
        for (size_t at = 0; at < n; at++) {
            CHECK(frame_reader_next(&reader, &frame) == READ_MORE);
            feed(&reader, bytes + at, 1);
        }
        CHECK(frame_reader_next(&reader, &frame) == READ_FRAME);
        CHECK(same(&frame, &meanings[i].frame));
    }
    CHECK(reader.used == 0);
}

static void reads_frames_that_come_at_once(void)
{
    struct frame_reader reader = {0};
    struct frame frame;
    uint8_t bytes[256];
    const char *const names[] = {"configure-second", "swap-on", "swap-off"};
    for (int i = 0; i < 3; i++) feed(&reader, bytes, vector_bytes(names[i], bytes));
    CHECK(frame_reader_next(&reader, &frame) == READ_FRAME && frame.type == FRAME_CONFIGURE);
    CHECK(frame_reader_next(&reader, &frame) == READ_FRAME && frame.type == FRAME_SWAP_ON);
    CHECK(frame_reader_next(&reader, &frame) == READ_FRAME && frame.type == FRAME_SWAP_OFF);
    CHECK(frame_reader_next(&reader, &frame) == READ_MORE);
}

static void forgets_everything_after_a_malformed_frame(void)
{
    struct frame_reader reader = {0};
    struct frame frame;
    uint8_t bytes[256];
    feed(&reader, bytes, vector_bytes("version-two", bytes));
    feed(&reader, bytes, vector_bytes("configure-second", bytes));
    CHECK(frame_reader_next(&reader, &frame) == READ_MALFORMED);
    CHECK(reader.used == 0);
    feed(&reader, bytes, vector_bytes("configure-second", bytes));
    CHECK(frame_reader_next(&reader, &frame) == READ_FRAME);
}

static void refuses_a_long_frame_by_its_header_alone(void)
{
    const uint8_t header[] = {0, 0, 15, 252, 1, 16, 0, 0}; /* 4,092 bytes that never come */
    struct frame_reader reader = {0};
    struct frame frame;
    feed(&reader, header, sizeof header);
    CHECK(frame_reader_next(&reader, &frame) == READ_MALFORMED);
}

void frame_tests(void)
{
    RUN(decodes_every_vector_to_its_meaning_and_refuses_the_others);
    RUN(encodes_every_meaning_to_its_vector);
    RUN(reads_a_stream_that_comes_byte_by_byte);
    RUN(reads_frames_that_come_at_once);
    RUN(forgets_everything_after_a_malformed_frame);
    RUN(refuses_a_long_frame_by_its_header_alone);
}
