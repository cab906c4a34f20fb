/* guest-balloon: tells the host how this guest's memory is, and swaps granted disks on and off. */
#define _GNU_SOURCE
#include "files.h"
#include "gather.h"
#include "port.h"
#include "reclaim.h"
#include "session.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define READS_PER_TURN 16
#define UNREAD_PAUSE_MS 10 /* bounds the processor time that a flooding host can take */
#define RETRY_PORT_MS 500
#define RETRY_OUTPUT_MS 50
#define HALF_FRAME_MS 2000 /* a half frame older than this is an earlier host's */

enum source { PORT, TIMER, WORKER, PRESSURE };

struct daemon {
    const char *port_path;
    int epoll, port, timer, pressure;
    struct gather gather;
    struct worker worker;
    struct frame_reader reader;
    struct session session;
    uint32_t armed_ms;
    uint64_t half_since_ms; /* when the half-read frame last grew; 0 without one */
    struct thresholds watched; /* what the pressure trigger waits for */
    bool host_here, blocked, unread, reclaims;
    int complained; /* the last errno of opening the port that was logged */
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void watch(struct daemon *d, int fd, enum source source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u32 = source};
    if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        dprintf(2, "guest-balloon: cannot watch a descriptor: %s\n", strerror(errno));
        _exit(1);
    }
}

static void open_port(struct daemon *d)
{
    d->port = port_open(d->port_path);
    if (d->port < 0) {
        int error = errno;
        if (d->complained != error) {
            dprintf(2, "guest-balloon: waits for the port: %s\n", strerror(error));
        }
        d->complained = error;
        return;
    }
    dprintf(2, "guest-balloon: port is open\n");
    d->complained = 0;
    d->host_here = true; /* else the first event says so */
    d->blocked = false;
    d->unread = false;
    d->half_since_ms = 0;
    d->reader.used = 0;
    session_start(&d->session);
    /* Edge-triggered: the port reports a hang-up for as long as no host is there. */
    watch(d, d->port, PORT, EPOLLIN | EPOLLOUT | EPOLLET);
}

static void host_left(struct daemon *d)
{
    d->host_here = false;
    d->unread = false;
    d->half_since_ms = 0;
    d->reader.used = 0;
    session_host_left(&d->session);
}

static void close_port(struct daemon *d)
{
    dprintf(2, "guest-balloon: port is gone\n");
    close(d->port);
    d->port = -1;
    host_left(d);
}

static void finish(struct daemon *d, struct outcome outcome)
{
    if (!d->reclaims || outcome.code != REPLY_OK) {
        dprintf(2, "guest-balloon: request %llu ended with code %d, detail %llu\n",
                (unsigned long long)d->session.working_on, (int)outcome.code,
                (unsigned long long)outcome.detail);
    }
    session_finished(&d->session, outcome.code, outcome.detail);
}

static void begin(struct daemon *d, const struct frame *request)
{
    d->reclaims = request->type == FRAME_RECLAIM;
    if (request->type != FRAME_RECLAIM) { /* those come with every step of a harvest */
        dprintf(2, "guest-balloon: swap %s %s, request %llu\n",
                request->type == FRAME_SWAP_ON ? "on" : "off", request->body.swap.serial,
                (unsigned long long)request->body.swap.request_id);
    }
    int error = worker_start(&d->worker, request);
    if (error != 0) {
        finish(d, (struct outcome){REPLY_KERNEL_ERROR, (uint64_t)error});
        return;
    }
    watch(d, d->worker.result, WORKER, EPOLLIN);
}

/* False where the conversation ended: the rest of what was read is not looked at. */
static bool take_frames(struct daemon *d)
{
    struct frame frame;
    for (;;) {
        switch (frame_reader_next(&d->reader, &frame)) {
        case READ_MORE:
            d->half_since_ms = d->reader.used > 0 ? now_ms() : 0;
            return true;
        case READ_FRAME:
            if (session_received(&d->session, &frame)) begin(d, &frame);
            break;
        case READ_MALFORMED:
            if (!d->session.deaf) { /* once a conversation: a host must not fill the log */
                dprintf(2, "guest-balloon: malformed frame, waits for a new conversation\n");
            }
            session_malformed(&d->session);
            d->half_since_ms = 0;
            return false;
        }
    }
}

static void receive(struct daemon *d)
{
    bool drain = false;
    d->unread = false;
    for (int i = 0; i < READS_PER_TURN; i++) {
        size_t room;
        uint8_t *space = frame_reader_space(&d->reader, &room);
        ssize_t n = read(d->port, space, room);
        if (n < 0 && errno == EINTR) continue;
        if (n == 0 || (n < 0 && errno == EAGAIN)) return; /* 0 while no host is there */
        if (n < 0) {
            close_port(d);
            return;
        }
        if (drain) continue;
        frame_reader_added(&d->reader, (size_t)n);
        drain = !take_frames(d);
    }
    d->unread = true;
}

static void send_frames(struct daemon *d)
{
    struct frame frame;
    uint8_t bytes[FRAME_MAX_BYTES];
    while (d->port >= 0 && d->host_here && !d->blocked) {
        uint64_t now = now_ms();
        int type = session_next(&d->session, now, &frame.body.reply);
        if (type == 0) return;
        frame.type = (enum frame_type)type;
        if (type == FRAME_HELLO) gather_hello(&d->gather, &frame.body.hello);
        if (type == FRAME_STATS) {
            if (!gather_stats(&d->gather, &frame.body.stats)) return;
            if (!session_worth_telling(&d->session, &frame.body.stats, now)) {
                session_left_out(&d->session);
                continue;
            }
        }
        size_t length = frame_encode(&frame, bytes);
        ssize_t n = write(d->port, bytes, length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) {
            d->blocked = true;
        } else if (n < 0) {
            close_port(d);
        } else {
            session_sent(&d->session, type, now); /* the port takes a frame whole or not at all */
            if (type == FRAME_STATS) session_told(&d->session, &frame.body.stats, now);
        }
    }
}

static void on_port(struct daemon *d, uint32_t events)
{
    if (events & EPOLLERR) {
        close_port(d);
        return;
    }
    /*
     * Bytes of the next host can be here before the kernel tells that it came: a hang-up ends a
     * conversation once, and what is there to read is read nevertheless.
     */
    if (!(events & EPOLLHUP)) {
        d->host_here = true;
    } else if (d->host_here) {
        host_left(d);
    }
    if (events & EPOLLOUT) d->blocked = false;
    if (events & (EPOLLIN | EPOLLHUP)) receive(d);
}

static void arm_timer(struct daemon *d)
{
    uint32_t ms = d->session.interval_ms;
    if (d->armed_ms == ms) return;
    d->armed_ms = ms;
    struct timespec every = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    struct itimerspec spec = {.it_interval = every, .it_value = every};
    if (ms > 0) spec.it_value = (struct timespec){.tv_nsec = 1}; /* the first at once */
    timerfd_settime(d->timer, 0, &spec, NULL);
}

static void drop_half_frame(struct daemon *d)
{
    if (d->half_since_ms == 0 || now_ms() - d->half_since_ms < HALF_FRAME_MS) return;
    d->reader.used = 0;
    d->half_since_ms = 0;
}

static int pause_ms(const struct daemon *d)
{
    if (d->port < 0) return RETRY_PORT_MS;
    if (d->unread) return UNREAD_PAUSE_MS;
    if (d->host_here && !d->blocked && session_has_output(&d->session)) return RETRY_OUTPUT_MS;
    return d->half_since_ms > 0 ? HALF_FRAME_MS : -1;
}

/* The host's thresholds, once it said which. A trigger cannot be changed, only be made anew. */
static void watch_pressure(struct daemon *d)
{
    const struct thresholds *wanted = &d->session.thresholds;
    if (wanted->window_micros == 0
        || (wanted->stall_micros == d->watched.stall_micros
            && wanted->window_micros == d->watched.window_micros)) {
        return;
    }
    d->watched = *wanted;
    if (d->pressure >= 0) close(d->pressure);
    d->pressure = gather_pressure_trigger(&d->watched);
    if (d->pressure >= 0) watch(d, d->pressure, PRESSURE, EPOLLPRI);
}

static void turn(struct daemon *d)
{
    struct epoll_event events[4];
    uint64_t expirations;
    if (d->port < 0) open_port(d);
    send_frames(d);
    arm_timer(d);
    watch_pressure(d);
    int n = epoll_wait(d->epoll, events, 4, pause_ms(d));
    for (int i = 0; i < n; i++) {
        switch ((enum source)events[i].data.u32) {
        case PORT:
            if (d->port >= 0) on_port(d, events[i].events);
            break;
        case TIMER:
            if (read(d->timer, &expirations, sizeof expirations) > 0) session_tick(&d->session);
            break;
        case PRESSURE:
            if (events[i].events & EPOLLERR) {
                close(d->pressure); /* the kernel took it away: the timer is left */
                d->pressure = -1;
            } else {
                session_pressed(&d->session);
            }
            break;
        case WORKER:
            finish(d, worker_finish(&d->worker));
            break;
        }
    }
    if (d->port >= 0 && d->unread) receive(d);
    drop_half_frame(d);
}

/* What this kernel cannot do is said once; the host sees it in HELLO. */
static void say_what_lacks(const struct daemon *d)
{
    if (d->gather.pressure < 0) {
        dprintf(2, "guest-balloon: no PSI in this kernel: the host goes by memory and refaults\n");
    } else if (d->pressure < 0) {
        dprintf(2, "guest-balloon: no PSI trigger: %s; pressure is looked at with the rest\n",
                strerror(errno));
    }
    if (access("/sys/fs/cgroup/cgroup.controllers", F_OK) != 0) {
        dprintf(2, "guest-balloon: no cgroup v2 here: cold pages go when the balloon takes them\n");
    } else if (!reclaim_possible(RECLAIM_FILE)) {
        dprintf(2, "guest-balloon: no memory.reclaim in this kernel: cold pages go when the balloon"
                   " takes them\n");
    }
}

static void protect(void)
{
    if (!files_write_at(AT_FDCWD, "/proc/self/oom_score_adj", "-1000")) {
        dprintf(2, "guest-balloon: cannot protect itself from the OOM killer\n");
    }
    /* Or its own pages could wait for a disk that it is asked to swap off. */
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
        dprintf(2, "guest-balloon: cannot lock its memory: %s\n", strerror(errno));
    }
    signal(SIGPIPE, SIG_IGN);
}

/* With standard error closed, the port would become descriptor 2 and the host would get the log. */
static void fill_standard_descriptors(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd < 2);
    if (fd > 2) close(fd);
}

int main(int argc, char **argv)
{
    static struct daemon d = {.port = -1, .pressure = -1, .worker.result = -1};
    fill_standard_descriptors();
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        dprintf(1, "guest-balloon 0.1.0\n");
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--port") == 0) {
        d.port_path = argv[2];
    } else if (argc != 1) {
        dprintf(2, "usage: guest-balloon [--port PATH | --version]\n");
        return 2;
    }
    gather_open(&d.gather);
    d.epoll = epoll_create1(EPOLL_CLOEXEC);
    d.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (d.epoll < 0 || d.timer < 0) {
        dprintf(2, "guest-balloon: cannot start: %s\n", strerror(errno));
        return 1;
    }
    watch(&d, d.timer, TIMER, EPOLLIN);
    /* 30 ms of waiting within a second, until the host says what it wants: long before an owner
       notices, and not for every page. */
    d.session.thresholds = (struct thresholds){30000, 1000000};
    watch_pressure(&d);
    say_what_lacks(&d);
    protect();
    for (;;) turn(&d);
}
