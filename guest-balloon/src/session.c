#include "session.h"

#include <string.h>

void session_start(struct session *session)
{
    session->deaf = false;
    session->interval_ms = 0;
    session->hello_due = true;
    session->stats_due = false;
    session->urgent = true; /* a new host knows nothing */
    session->reply_count = 0;
}

void session_host_left(struct session *session)
{
    session_start(session);
    session->hello_due = false;
    session->orphaned = session->working;
}

static void answer(struct session *session, uint64_t id, enum reply_code code, uint64_t detail)
{
    if (session->reply_count == SESSION_REPLIES) return; /* the host asks again */
    session->replies[session->reply_count++] = (struct reply){id, code, detail};
}

bool session_received(struct session *session, const struct frame *frame)
{
    switch (frame->type) {
    case FRAME_CONFIGURE:
        session->deaf = false;
        session->interval_ms = frame->body.interval_ms;
        session->hello_due = true;
        session->urgent = true;
        return false;
    case FRAME_THRESHOLDS:
        if (!session->deaf) session->thresholds = frame->body.thresholds;
        return false;
    case FRAME_SWAP_ON:
    case FRAME_SWAP_OFF:
    case FRAME_RECLAIM:
        if (session->deaf) return false;
        if (session->working) {
            /* A repeated request is answered when the first one ends. */
            if (session->orphaned || session->working_on != frame->body.swap.request_id) {
                answer(session, frame->body.swap.request_id, REPLY_BUSY, 0);
            }
            return false;
        }
        /* So that no more is done than may be answered: the rate of frames bounds the work too. */
        if (session->reply_count == SESSION_REPLIES) return false;
        session->working = true;
        session->working_on = frame->body.swap.request_id;
        return true;
    case FRAME_HELLO:
    case FRAME_STATS:
    case FRAME_REPLY:
        session_malformed(session); /* a guest's frames, sent to a guest */
        return false;
    }
    return false;
}

void session_malformed(struct session *session)
{
    session_host_left(session);
    session->deaf = true;
}

void session_finished(struct session *session, enum reply_code code, uint64_t detail)
{
    session->working = false;
    /* The next host may count its requests anew; it learns the end by asking again. */
    if (!session->orphaned) answer(session, session->working_on, code, detail);
    session->orphaned = false;
}

void session_tick(struct session *session)
{
    session->stats_due = session->interval_ms > 0;
}

void session_pressed(struct session *session)
{
    session_tick(session);
    session->urgent = true;
}

/* A page here and there comes and goes without meaning anything. */
static bool differ(uint64_t a, uint64_t b)
{
    return (a > b ? a - b : b - a) >= 1 << 20;
}

bool session_worth_telling(const struct session *session, const struct stats *stats, uint64_t now_ms)
{
    const struct stats *told = &session->told;
    return session->urgent || now_ms - session->told_at_ms >= SESSION_KEEP_ALIVE_MS
        || differ(stats->available, told->available) || differ(stats->total, told->total)
        || differ(stats->swap_total, told->swap_total) || differ(stats->swap_free, told->swap_free)
        || stats->pressure_some_micros != told->pressure_some_micros
        || stats->refaults != told->refaults || stats->pages_swapped_in != told->pages_swapped_in;
}

void session_left_out(struct session *session)
{
    session->stats_due = false;
}

void session_told(struct session *session, const struct stats *stats, uint64_t now_ms)
{
    session->urgent = false;
    session->told = *stats;
    session->told_at_ms = now_ms;
}

bool session_has_output(const struct session *session)
{
    return session->hello_due || session->reply_count > 0 || session->stats_due;
}

int session_next(const struct session *session, uint64_t now_ms, struct reply *reply)
{
    if (session->sent_count == SESSION_FRAMES_PER_SECOND && now_ms - session->sent_at_ms[0] < 1000) {
        return 0;
    }
    if (session->hello_due) return FRAME_HELLO;
    if (session->reply_count > 0) {
        *reply = session->replies[0];
        return FRAME_REPLY;
    }
    return session->stats_due ? FRAME_STATS : 0;
}

void session_sent(struct session *session, int type, uint64_t now_ms)
{
    if (type == FRAME_HELLO) session->hello_due = false;
    if (type == FRAME_STATS) session->stats_due = false;
    if (type == FRAME_REPLY) {
        session->reply_count--;
        memmove(session->replies, session->replies + 1,
                session->reply_count * sizeof *session->replies);
    }
    if (session->sent_count == SESSION_FRAMES_PER_SECOND) {
        session->sent_count--;
        memmove(session->sent_at_ms, session->sent_at_ms + 1,
                session->sent_count * sizeof *session->sent_at_ms);
    }
    session->sent_at_ms[session->sent_count++] = now_ms;
}
