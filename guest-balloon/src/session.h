/*
 * One conversation with the host as a pure state machine: frames, times and ends of work in,
 * frames to send and work to start out. The thin shell in main.c does the input and output.
 */
#ifndef MEMFABRIC_SESSION_H
#define MEMFABRIC_SESSION_H

#include "frame.h"

#define SESSION_REPLIES 8            /* more unanswered requests than these are forgotten */
#define SESSION_FRAMES_PER_SECOND 10 /* never more in any 1,000 ms */
#define SESSION_KEEP_ALIVE_MS 1000   /* STATS go out this often even where nothing changes */

struct session {
    bool deaf;            /* after a malformed frame, until a CONFIGURE */
    uint32_t interval_ms; /* 0 until the host asked for STATS */
    bool hello_due, stats_due;
    bool urgent;        /* the next STATS goes out whatever it says */
    struct stats told;  /* the last that went out in this conversation */
    uint64_t told_at_ms;
    struct reply replies[SESSION_REPLIES];
    unsigned reply_count;
    struct thresholds thresholds; /* the host's; a window of 0 where it said nothing */
    bool working;
    bool orphaned; /* the host that asked for the work left */
    uint64_t working_on;
    uint64_t sent_at_ms[SESSION_FRAMES_PER_SECOND];
    unsigned sent_count;
};

/* The daemon or the channel came up. */
void session_start(struct session *session);

/* The host went away: what was to be sent to it is void, work goes on. */
void session_host_left(struct session *session);

/* A frame came in. True where its request is to be carried out now. */
bool session_received(struct session *session, const struct frame *frame);

void session_malformed(struct session *session);

/* The work for that request ended. */
void session_finished(struct session *session, enum reply_code code, uint64_t detail);

/* The interval of STATS is over. */
void session_tick(struct session *session);

/* Tasks of this guest wait for memory: the host has to hear of it now. */
void session_pressed(struct session *session);

/*
 * Whether these figures are worth a frame: something changed, or the host has heard nothing for a
 * second and would begin to doubt that anybody is here.
 */
bool session_worth_telling(const struct session *session, const struct stats *stats,
                           uint64_t now_ms);

/* These figures were not told, or they were. */
void session_left_out(struct session *session);
void session_told(struct session *session, const struct stats *stats, uint64_t now_ms);

/* The type of the frame to send now; 0 where there is none or the rate forbids it. */
int session_next(const struct session *session, uint64_t now_ms, struct reply *reply);

/* Anything waits to be sent. */
bool session_has_output(const struct session *session);

/* A frame of the type that session_next named was sent. */
void session_sent(struct session *session, int type, uint64_t now_ms);

#endif
