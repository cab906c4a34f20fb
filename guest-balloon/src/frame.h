/*
 * Frames of the guest channel, as api-spec/wire/guest-channel.md has them. Pure: bytes in, values
 * out. All types are coded both ways, though the daemon needs each only one way, so that the
 * shared vectors can be checked whole.
 */
#ifndef MEMFABRIC_FRAME_H
#define MEMFABRIC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER_BYTES 8
#define FRAME_MAX_BYTES 104 /* the longest type: STATS */
#define FRAME_LENGTH_MIN 4
#define FRAME_LENGTH_MAX 4092
#define SERIAL_BYTES 20
#define THRESHOLDS_STALL_MIN 1000
#define THRESHOLDS_WINDOW_MIN 500000 /* the kernel's own limits for a PSI trigger's window */
#define THRESHOLDS_WINDOW_MAX 10000000
#define RECLAIM_MAX_BYTES (1ULL << 30)

enum frame_type {
    FRAME_HELLO = 1,
    FRAME_STATS = 2,
    FRAME_REPLY = 3,
    FRAME_CONFIGURE = 16,
    FRAME_SWAP_ON = 17,
    FRAME_SWAP_OFF = 18,
    FRAME_THRESHOLDS = 19,
    FRAME_RECLAIM = 20
};

enum reply_code {
    REPLY_OK = 0,
    REPLY_NOT_FOUND = 1,
    REPLY_WRONG_SIZE = 2,
    REPLY_IN_USE = 3,
    REPLY_WOULD_NOT_FIT = 4,
    REPLY_KERNEL_ERROR = 5,
    REPLY_BUSY = 6,
    REPLY_BAD_REQUEST = 7
};

enum feature { FEATURE_PSI = 1, FEATURE_SWAP = 2, FEATURE_REFAULTS = 4, FEATURE_RECLAIM = 8,
               FEATURE_TRIGGER = 16 };

struct hello {
    uint32_t features;
    uint8_t boot_id[16];
    uint32_t version;
};

/* Bytes and counters; all but the pressure fit into 63 bits, since the host's numbers are signed. */
struct stats {
    uint64_t total, free, available;
    uint64_t swap_total, swap_free;
    int64_t pressure_some_centipercent; /* -1 without PSI */
    uint64_t pressure_some_micros, pressure_full_micros;
    uint64_t major_faults, refaults, pages_swapped_in, pages_swapped_out;
};

struct reply {
    uint64_t request_id;
    enum reply_code code;
    uint64_t detail;
};

/* When the guest has to tell at once: so much waiting within a window, as PSI triggers have it. */
struct thresholds {
    uint32_t stall_micros, window_micros;
};

/* SWAP_ON; of a SWAP_OFF only request_id and serial are set, of a RECLAIM the id and the size. */
struct swap_request {
    uint64_t request_id;
    uint64_t size_bytes;
    char serial[SERIAL_BYTES + 1];
    uint32_t priority;
};

struct frame {
    enum frame_type type;
    union {
        struct hello hello;
        struct stats stats;
        struct reply reply;
        uint32_t interval_ms;
        struct swap_request swap;
        struct thresholds thresholds;
    } body;
};

/* True where the bytes are exactly one well-formed frame. */
bool frame_decode(const uint8_t *in, size_t n, struct frame *out);

/* Writes the frame and returns its length. */
size_t frame_encode(const struct frame *frame, uint8_t out[FRAME_MAX_BYTES]);

enum read_result { READ_MORE, READ_FRAME, READ_MALFORMED };

/* Cuts a stream into frames. */
struct frame_reader {
    size_t used;
    uint8_t bytes[512];
};

/* Where the next bytes of the stream go, and how many fit (at least one after READ_MORE). */
uint8_t *frame_reader_space(struct frame_reader *reader, size_t *room);
void frame_reader_added(struct frame_reader *reader, size_t n);

/* Takes the next frame out. READ_MALFORMED empties the reader. */
enum read_result frame_reader_next(struct frame_reader *reader, struct frame *out);

#endif
