#include "session.h"

#include "test.h"

static const struct frame configure = {FRAME_CONFIGURE, {.interval_ms = 100}};

static struct frame swap(enum frame_type type, uint64_t id)
{
    return (struct frame){type, {.swap = {.request_id = id, .serial = "g-1"}}};
}

static struct session connected(void)
{
    struct session s = {0};
    session_start(&s);
    session_received(&s, &configure);
    return s;
}

/* Sends all that may be sent now; the last REPLY is left in `reply`. */
static unsigned send_all(struct session *s, uint64_t now, struct reply *reply)
{
    unsigned sent = 0;
    int type;
    while ((type = session_next(s, now, reply)) != 0) {
        session_sent(s, type, now);
        sent++;
    }
    return sent;
}

static void says_hello_at_start_and_when_configured(void)
{
    struct session s = {0};
    struct reply reply;
    session_start(&s);
    CHECK(session_next(&s, 0, &reply) == FRAME_HELLO);
    CHECK(send_all(&s, 0, &reply) == 1);
    session_received(&s, &configure);
    CHECK(session_next(&s, 0, &reply) == FRAME_HELLO);
    CHECK(s.interval_ms == 100);
}

static void sends_no_stats_before_it_is_configured(void)
{
    struct session s = {0};
    struct reply reply;
    session_start(&s);
    send_all(&s, 0, &reply);
    session_tick(&s);
    CHECK(!session_has_output(&s));
}

static void sends_at_most_ten_frames_in_any_second(void)
{
    struct session s = connected();
    struct reply reply;
    uint64_t sent_at[400] = {0};
    unsigned sent = 0;
    for (uint64_t now = 0; now < 20000; now += 10) {
        struct frame other = swap(FRAME_SWAP_ON, now);
        session_received(&s, &configure);
        session_received(&s, &other);
        session_tick(&s);
        for (unsigned n = send_all(&s, now, &reply); n > 0; n--) sent_at[sent++] = now;
    }
    for (unsigned i = 10; i < sent; i++) CHECK(sent_at[i] - sent_at[i - 10] >= 1000);
    CHECK(sent >= 190);
}

static void answers_a_request_when_it_ended(void)
{
    struct session s = connected();
    struct reply reply;
    struct frame on = swap(FRAME_SWAP_ON, 7);
    CHECK(session_received(&s, &on));
    CHECK(send_all(&s, 0, &reply) == 1); /* only the HELLO */
    session_finished(&s, REPLY_WRONG_SIZE, 42);
    CHECK(session_next(&s, 0, &reply) == FRAME_REPLY);
    CHECK(reply.request_id == 7 && reply.code == REPLY_WRONG_SIZE && reply.detail == 42);
}

static void is_busy_for_a_second_request_but_not_for_a_repeated_one(void)
{
    struct session s = connected();
    struct reply reply;
    struct frame first = swap(FRAME_SWAP_OFF, 1), second = swap(FRAME_SWAP_OFF, 2);
    send_all(&s, 0, &reply);
    CHECK(session_received(&s, &first));
    CHECK(!session_received(&s, &first));
    CHECK(!session_has_output(&s));
    CHECK(!session_received(&s, &second));
    CHECK(session_next(&s, 0, &reply) == FRAME_REPLY);
    CHECK(reply.request_id == 2 && reply.code == REPLY_BUSY);
    send_all(&s, 0, &reply);
    session_finished(&s, REPLY_OK, 0);
    CHECK(send_all(&s, 0, &reply) == 1 && reply.request_id == 1 && reply.code == REPLY_OK);
    CHECK(session_received(&s, &second));
}

static void sends_stats_while_a_request_runs(void)
{
    struct session s = connected();
    struct reply reply;
    struct frame off = swap(FRAME_SWAP_OFF, 1);
    session_received(&s, &off);
    send_all(&s, 0, &reply);
    session_tick(&s);
    CHECK(session_next(&s, 0, &reply) == FRAME_STATS);
}

static void keeps_no_more_replies_than_its_bound(void)
{
    struct session s = connected();
    struct frame first = swap(FRAME_SWAP_ON, 1);
    session_received(&s, &first);
    for (uint64_t id = 2; id < 1000; id++) {
        struct frame other = swap(FRAME_SWAP_ON, id);
        session_received(&s, &other);
    }
    CHECK(s.reply_count == SESSION_REPLIES);
}

static void does_no_more_than_it_may_answer(void)
{
    struct session s = connected();
    struct reply reply;
    unsigned done = 0;
    for (uint64_t now = 0; now < 10000; now++) {
        struct frame on = swap(FRAME_SWAP_ON, now);
        if (session_received(&s, &on)) {
            session_finished(&s, REPLY_NOT_FOUND, 0);
            done++;
        }
        send_all(&s, now, &reply);
    }
    CHECK(done >= 100 && done <= 100 + SESSION_REPLIES);
}

static void is_deaf_after_a_malformed_frame_until_configured(void)
{
    struct session s = connected();
    struct frame on = swap(FRAME_SWAP_ON, 1);
    session_malformed(&s);
    CHECK(!session_has_output(&s) && s.interval_ms == 0);
    CHECK(!session_received(&s, &on) && !session_has_output(&s));
    session_received(&s, &configure);
    CHECK(session_received(&s, &on));
}

static void takes_a_guests_frame_for_malformed(void)
{
    struct session s = connected();
    struct frame hello = {FRAME_HELLO, {.hello = {0}}}, on = swap(FRAME_SWAP_ON, 1);
    session_received(&s, &hello);
    CHECK(!session_received(&s, &on));
}

static void does_not_tell_a_new_host_the_end_of_what_an_earlier_one_asked(void)
{
    struct session s = connected();
    struct reply reply;
    struct frame off = swap(FRAME_SWAP_OFF, 1);
    session_received(&s, &off);
    session_host_left(&s);
    CHECK(!session_has_output(&s));
    session_received(&s, &configure);
    send_all(&s, 0, &reply);
    /* The same number means another request now. */
    CHECK(!session_received(&s, &off));
    CHECK(send_all(&s, 0, &reply) == 1 && reply.code == REPLY_BUSY);
    session_finished(&s, REPLY_OK, 0);
    CHECK(!session_has_output(&s));
    CHECK(session_received(&s, &off));
}

static void tells_figures_that_change_and_leaves_out_those_that_do_not(void)
{
    struct session s = connected();
    struct stats now = {.total = 1 << 30, .available = 1 << 29};
    CHECK(session_worth_telling(&s, &now, 5000)); /* a new host knows nothing */
    session_told(&s, &now, 5000);
    now.available += 4096;
    CHECK(!session_worth_telling(&s, &now, 5100));
    now.available -= 2 << 20;
    CHECK(session_worth_telling(&s, &now, 5100));
    session_told(&s, &now, 5100);
    now.refaults++;
    CHECK(session_worth_telling(&s, &now, 5200));
    session_told(&s, &now, 5200);
    now.pressure_some_micros++;
    CHECK(session_worth_telling(&s, &now, 5300));
}

static void is_heard_every_second_even_where_nothing_changes(void)
{
    struct session s = connected();
    struct stats now = {.total = 1 << 30, .available = 1 << 29};
    session_told(&s, &now, 5000);
    CHECK(!session_worth_telling(&s, &now, 5999));
    CHECK(session_worth_telling(&s, &now, 6000));
}

static void tells_at_once_that_tasks_wait_for_memory(void)
{
    struct session s = connected();
    struct reply reply;
    struct stats now = {.total = 1 << 30, .available = 1 << 29};
    send_all(&s, 5000, &reply);
    session_told(&s, &now, 5000);
    session_pressed(&s);
    CHECK(session_next(&s, 5010, &reply) == FRAME_STATS);
    CHECK(session_worth_telling(&s, &now, 5010));
    session_told(&s, &now, 5010);
    CHECK(!session_worth_telling(&s, &now, 5020));
}

static void tells_a_host_that_configures_again_everything(void)
{
    struct session s = connected();
    struct stats now = {.total = 1 << 30, .available = 1 << 29};
    session_told(&s, &now, 5000);
    session_received(&s, &configure);
    CHECK(session_worth_telling(&s, &now, 5010));
}

static void keeps_pressure_to_itself_before_it_is_configured(void)
{
    struct session s = {0};
    struct reply reply;
    session_start(&s);
    send_all(&s, 0, &reply);
    session_pressed(&s);
    CHECK(!session_has_output(&s));
}

static void reclaims_as_it_swaps_one_request_at_a_time(void)
{
    struct session s = connected();
    struct reply reply;
    struct frame reclaim = {FRAME_RECLAIM, {.swap = {.request_id = 5, .size_bytes = 1 << 20}}};
    struct frame on = swap(FRAME_SWAP_ON, 6);
    CHECK(session_received(&s, &reclaim));
    CHECK(!session_received(&s, &on));
    session_finished(&s, REPLY_OK, 0);
    send_all(&s, 0, &reply);
    CHECK(reply.request_id == 5 && reply.code == REPLY_OK);
    CHECK(session_received(&s, &on));
}

static void keeps_the_hosts_thresholds_unless_it_is_deaf(void)
{
    struct session s = connected();
    struct frame wanted = {FRAME_THRESHOLDS, {.thresholds = {20000, 1000000}}};
    struct frame other = {FRAME_THRESHOLDS, {.thresholds = {40000, 2000000}}};
    CHECK(!session_received(&s, &wanted));
    CHECK(s.thresholds.stall_micros == 20000 && s.thresholds.window_micros == 1000000);
    session_malformed(&s);
    CHECK(!session_received(&s, &other));
    CHECK(s.thresholds.stall_micros == 20000);
}

void session_tests(void)
{
    RUN(reclaims_as_it_swaps_one_request_at_a_time);
    RUN(keeps_the_hosts_thresholds_unless_it_is_deaf);
    RUN(tells_figures_that_change_and_leaves_out_those_that_do_not);
    RUN(is_heard_every_second_even_where_nothing_changes);
    RUN(tells_at_once_that_tasks_wait_for_memory);
    RUN(tells_a_host_that_configures_again_everything);
    RUN(keeps_pressure_to_itself_before_it_is_configured);
    RUN(says_hello_at_start_and_when_configured);
    RUN(sends_no_stats_before_it_is_configured);
    RUN(sends_at_most_ten_frames_in_any_second);
    RUN(answers_a_request_when_it_ended);
    RUN(is_busy_for_a_second_request_but_not_for_a_repeated_one);
    RUN(sends_stats_while_a_request_runs);
    RUN(keeps_no_more_replies_than_its_bound);
    RUN(does_no_more_than_it_may_answer);
    RUN(is_deaf_after_a_malformed_frame_until_configured);
    RUN(takes_a_guests_frame_for_malformed);
    RUN(does_not_tell_a_new_host_the_end_of_what_an_earlier_one_asked);
}
