/*
 * Fuzz target of all that reads untrusted bytes. Input: one byte that chooses, then the bytes.
 * Built with clang's -fsanitize=fuzzer it is a libFuzzer target; drive.c runs it without clang.
 */
#include "frame.h"
#include "procfs.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok)
{
    if (!ok) abort();
}

/* What is accepted encodes back to the same bytes: no two texts mean the same frame. */
static void one_frame(const uint8_t *data, size_t size)
{
    struct frame frame;
    uint8_t encoded[FRAME_MAX_BYTES];
    if (!frame_decode(data, size, &frame)) return;
    need(frame_encode(&frame, encoded) == size);
    need(memcmp(encoded, data, size) == 0);
}

/* A stream in pieces whose sizes the input itself gives; the session takes every frame. */
static void stream(const uint8_t *data, size_t size)
{
    struct frame_reader reader = {0};
    struct session session = {0};
    uint64_t now = 0;
    session_start(&session);
    for (size_t at = 0; at < size;) {
        struct frame frame;
        struct reply reply;
        enum read_result result;
        size_t room, piece = 1 + data[at] % 64;
        uint8_t *space = frame_reader_space(&reader, &room);
        need(room > 0);
        if (piece > room) piece = room;
        if (piece > size - at) piece = size - at;
        memcpy(space, data + at, piece);
        frame_reader_added(&reader, piece);
        at += piece;
        while ((result = frame_reader_next(&reader, &frame)) != READ_MORE) {
            if (result == READ_MALFORMED) session_malformed(&session);
            else (void)session_received(&session, &frame);
        }
        need(reader.used < FRAME_MAX_BYTES);
        need(session.reply_count <= SESSION_REPLIES);
        now += piece;
        int type = session_next(&session, now, &reply);
        if (type != 0) session_sent(&session, type, now);
    }
}

static void kernel_text(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct stats s = {0};
    uint64_t number = 0;
    uint8_t id[16];
    (void)procfs_meminfo(text, size, &s);
    (void)procfs_pressure(text, size, &s);
    (void)procfs_vmstat(text, size, &s);
    (void)procfs_swap_used(text, size, "/dev/vda", &number);
    (void)procfs_boot_id(text, size, id);
    need(s.total <= INT64_MAX && s.available <= INT64_MAX && s.refaults <= INT64_MAX);
    need(number <= INT64_MAX);
    need(s.pressure_some_centipercent >= -1 && s.pressure_some_centipercent <= 10000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    switch (data[0] % 3) {
    case 0: one_frame(data + 1, size - 1); break;
    case 1: stream(data + 1, size - 1); break;
    default: kernel_text(data + 1, size - 1); break;
    }
    return 0;
}
