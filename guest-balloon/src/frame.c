#define _GNU_SOURCE
#include "frame.h"

#include <string.h>

#define VERSION 1

static size_t body_bytes(unsigned type)
{
    switch (type) {
    case FRAME_HELLO: return 24;
    case FRAME_STATS: return 96;
    case FRAME_REPLY: return 20;
    case FRAME_CONFIGURE: return 4;
    case FRAME_SWAP_ON: return 40;
    case FRAME_SWAP_OFF: return 28;
    case FRAME_THRESHOLDS: return 8;
    case FRAME_RECLAIM: return 16;
    default: return 0;
    }
}

/* A place in a buffer whose length was checked against the type before. */
struct in { const uint8_t *at; };
struct out { uint8_t *at; };

static uint32_t get32(struct in *in)
{
    const uint8_t *p = in->at;
    in->at += 4;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static uint64_t get64(struct in *in)
{
    uint64_t high = get32(in);
    return high << 32 | get32(in);
}

static void put32(struct out *out, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8) *out->at++ = (uint8_t)(v >> shift);
}

static void put64(struct out *out, uint64_t v)
{
    put32(out, (uint32_t)(v >> 32));
    put32(out, (uint32_t)v);
}

static bool serial_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

static bool get_serial(struct in *in, char serial[SERIAL_BYTES + 1])
{
    memcpy(serial, in->at, SERIAL_BYTES);
    serial[SERIAL_BYTES] = 0;
    in->at += SERIAL_BYTES;
    size_t length = 0;
    while (serial_char(serial[length])) length++;
    for (size_t i = length; i < SERIAL_BYTES; i++) {
        if (serial[i] != 0) return false;
    }
    return length > 0;
}

static void put_serial(struct out *out, const char *serial)
{
    size_t length = strnlen(serial, SERIAL_BYTES);
    memset(out->at, 0, SERIAL_BYTES);
    memcpy(out->at, serial, length);
    out->at += SERIAL_BYTES;
}

static bool get_size(struct in *in, uint64_t *value)
{
    *value = get64(in);
    return *value <= INT64_MAX;
}

static bool decode_stats(struct in *in, struct stats *s)
{
    bool ok = get_size(in, &s->total);
    ok &= get_size(in, &s->free);
    ok &= get_size(in, &s->available);
    ok &= get_size(in, &s->swap_total);
    ok &= get_size(in, &s->swap_free);
    s->pressure_some_centipercent = (int64_t)get64(in);
    ok &= get_size(in, &s->pressure_some_micros);
    ok &= get_size(in, &s->pressure_full_micros);
    ok &= get_size(in, &s->major_faults);
    ok &= get_size(in, &s->refaults);
    ok &= get_size(in, &s->pages_swapped_in);
    ok &= get_size(in, &s->pages_swapped_out);
    return ok;
}

static bool decode_body(struct in *in, struct frame *f)
{
    struct swap_request *swap = &f->body.swap;
    switch (f->type) {
    case FRAME_HELLO:
        f->body.hello.features = get32(in);
        memcpy(f->body.hello.boot_id, in->at, 16);
        in->at += 16;
        f->body.hello.version = get32(in);
        return true;
    case FRAME_STATS:
        return decode_stats(in, &f->body.stats);
    case FRAME_REPLY: {
        f->body.reply.request_id = get64(in);
        uint32_t code = get32(in);
        f->body.reply.code = (enum reply_code)code;
        f->body.reply.detail = get64(in);
        return code <= REPLY_BAD_REQUEST;
    }
    case FRAME_CONFIGURE:
        f->body.interval_ms = get32(in);
        return f->body.interval_ms >= 100 && f->body.interval_ms <= 60000;
    case FRAME_SWAP_ON: {
        swap->request_id = get64(in);
        bool ok = get_size(in, &swap->size_bytes);
        ok &= get_serial(in, swap->serial);
        swap->priority = get32(in);
        return ok && swap->priority <= 32767;
    }
    case FRAME_SWAP_OFF:
        swap->request_id = get64(in);
        return get_serial(in, swap->serial);
    case FRAME_THRESHOLDS: {
        struct thresholds *t = &f->body.thresholds;
        t->stall_micros = get32(in);
        t->window_micros = get32(in);
        return t->window_micros >= THRESHOLDS_WINDOW_MIN && t->window_micros <= THRESHOLDS_WINDOW_MAX
            && t->stall_micros >= THRESHOLDS_STALL_MIN && t->stall_micros <= t->window_micros;
    }
    case FRAME_RECLAIM:
        swap->request_id = get64(in);
        return get_size(in, &swap->size_bytes) && swap->size_bytes > 0
            && swap->size_bytes <= RECLAIM_MAX_BYTES;
    }
    return false;
}

/*
 * The length of the frame that starts here: 0 while its header is not complete, -1 where no frame
 * starts so. The header alone decides, since every type has one length.
 */
static int frame_length(const uint8_t *in, size_t n)
{
    if (n < 4) return 0;
    uint32_t rest = get32(&(struct in){in});
    if (rest < FRAME_LENGTH_MIN || rest > FRAME_LENGTH_MAX) return -1;
    if (n < FRAME_HEADER_BYTES) return 0;
    size_t body = body_bytes(in[5]);
    if (in[4] != VERSION || in[6] != 0 || in[7] != 0 || body == 0) return -1;
    return rest == FRAME_LENGTH_MIN + body ? (int)(FRAME_HEADER_BYTES + body) : -1;
}

bool frame_decode(const uint8_t *in, size_t n, struct frame *out)
{
    int length = frame_length(in, n);
    if (length <= 0 || (size_t)length != n) return false;
    memset(out, 0, sizeof *out);
    out->type = (enum frame_type)in[5];
    return decode_body(&(struct in){in + FRAME_HEADER_BYTES}, out);
}

static void encode_stats(struct out *out, const struct stats *s)
{
    put64(out, s->total);
    put64(out, s->free);
    put64(out, s->available);
    put64(out, s->swap_total);
    put64(out, s->swap_free);
    put64(out, (uint64_t)s->pressure_some_centipercent);
    put64(out, s->pressure_some_micros);
    put64(out, s->pressure_full_micros);
    put64(out, s->major_faults);
    put64(out, s->refaults);
    put64(out, s->pages_swapped_in);
    put64(out, s->pages_swapped_out);
}

size_t frame_encode(const struct frame *f, uint8_t bytes[FRAME_MAX_BYTES])
{
    struct out out = {bytes};
    size_t body = body_bytes(f->type);
    put32(&out, (uint32_t)(FRAME_LENGTH_MIN + body));
    *out.at++ = VERSION;
    *out.at++ = (uint8_t)f->type;
    *out.at++ = 0;
    *out.at++ = 0;
    switch (f->type) {
    case FRAME_HELLO:
        put32(&out, f->body.hello.features);
        memcpy(out.at, f->body.hello.boot_id, 16);
        out.at += 16;
        put32(&out, f->body.hello.version);
        break;
    case FRAME_STATS:
        encode_stats(&out, &f->body.stats);
        break;
    case FRAME_REPLY:
        put64(&out, f->body.reply.request_id);
        put32(&out, f->body.reply.code);
        put64(&out, f->body.reply.detail);
        break;
    case FRAME_CONFIGURE:
        put32(&out, f->body.interval_ms);
        break;
    case FRAME_SWAP_ON:
        put64(&out, f->body.swap.request_id);
        put64(&out, f->body.swap.size_bytes);
        put_serial(&out, f->body.swap.serial);
        put32(&out, f->body.swap.priority);
        break;
    case FRAME_SWAP_OFF:
        put64(&out, f->body.swap.request_id);
        put_serial(&out, f->body.swap.serial);
        break;
    case FRAME_THRESHOLDS:
        put32(&out, f->body.thresholds.stall_micros);
        put32(&out, f->body.thresholds.window_micros);
        break;
    case FRAME_RECLAIM:
        put64(&out, f->body.swap.request_id);
        put64(&out, f->body.swap.size_bytes);
        break;
    }
    return FRAME_HEADER_BYTES + body;
}

uint8_t *frame_reader_space(struct frame_reader *reader, size_t *room)
{
    *room = sizeof reader->bytes - reader->used;
    return reader->bytes + reader->used;
}

void frame_reader_added(struct frame_reader *reader, size_t n)
{
    reader->used += n;
}

enum read_result frame_reader_next(struct frame_reader *reader, struct frame *out)
{
    int length = frame_length(reader->bytes, reader->used);
    if (length == 0 || (length > 0 && (size_t)length > reader->used)) return READ_MORE;
    if (length < 0 || !frame_decode(reader->bytes, (size_t)length, out)) {
        reader->used = 0;
        return READ_MALFORMED;
    }
    reader->used -= (size_t)length;
    memmove(reader->bytes, reader->bytes + length, reader->used);
    return READ_FRAME;
}
