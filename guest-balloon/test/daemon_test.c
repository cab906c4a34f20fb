/* The whole daemon, with a pseudo terminal for its port. */
#define _GNU_SOURCE
#include "frame.h"
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_MS 10000

static int host;
static char port[64];
static pid_t daemon_pid;
static struct frame_reader reader;

static void plug(void)
{
    struct termios raw;
    host = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(host >= 0 && grantpt(host) == 0 && unlockpt(host) == 0);
    CHECK(ptsname_r(host, port, sizeof port) == 0);
    CHECK(tcgetattr(host, &raw) == 0);
    cfmakeraw(&raw);
    CHECK(tcsetattr(host, TCSANOW, &raw) == 0);
    reader.used = 0;
}

static void start(const char *path)
{
    daemon_pid = fork();
    if (daemon_pid == 0) {
        int log = open("/dev/null", O_WRONLY);
        dup2(log, 2);
        execl(daemon_path, "guest-balloon", "--port", path, (char *)NULL);
        _exit(127);
    }
}

static void stop(void)
{
    kill(daemon_pid, SIGKILL);
    int status;
    CHECK(waitpid(daemon_pid, &status, 0) == daemon_pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(host);
}

static void tell(const char *vector)
{
    uint8_t bytes[256];
    size_t n = vector_bytes(vector, bytes);
    CHECK(n > 0 && write(host, bytes, n) == (ssize_t)n);
}

/* The next frame; false where none came within the time. */
static bool hear(struct frame *frame, int within_ms)
{
    for (;;) {
        enum read_result result = frame_reader_next(&reader, frame);
        if (result != READ_MORE) return CHECK(result == READ_FRAME);
        size_t room;
        uint8_t *space = frame_reader_space(&reader, &room);
        struct pollfd p = {.fd = host, .events = POLLIN};
        if (poll(&p, 1, within_ms) <= 0) return false;
        ssize_t n = read(host, space, room);
        if (n > 0) frame_reader_added(&reader, (size_t)n);
        else usleep(1000); /* nobody has the other end open yet */
    }
}

static bool hear_type(enum frame_type type, struct frame *frame)
{
    for (int i = 0; i < 50; i++) {
        if (!hear(frame, DEADLINE_MS)) return false;
        if (frame->type == type) return true;
    }
    return false;
}

static void says_hello_and_then_stats_of_this_machine(void)
{
    struct frame frame;
    uint8_t nothing[16] = {0};
    plug();
    start(port);
    tell("configure-least");
    CHECK(hear(&frame, DEADLINE_MS) && frame.type == FRAME_HELLO);
    CHECK(memcmp(frame.body.hello.boot_id, nothing, 16) != 0 && frame.body.hello.version == 256);
    CHECK(hear_type(FRAME_STATS, &frame));
    const struct stats *s = &frame.body.stats;
    CHECK(s->total > 0 && s->available > 0 && s->available <= s->total && s->free <= s->total);
    CHECK(s->pressure_some_centipercent >= -1 && s->pressure_some_centipercent <= 10000);
    stop();
}

static void answers_a_swap_request_for_no_disk(void)
{
    struct frame frame;
    plug();
    start(port);
    tell("configure-second");
    tell("swap-on");
    CHECK(hear_type(FRAME_REPLY, &frame));
    CHECK(frame.body.reply.request_id == 6 && frame.body.reply.code == REPLY_NOT_FOUND);
    tell("swap-off");
    CHECK(hear_type(FRAME_REPLY, &frame));
    CHECK(frame.body.reply.request_id == 8 && frame.body.reply.code == REPLY_NOT_FOUND);
    stop();
}

static void falls_silent_after_a_malformed_frame_until_configured(void)
{
    struct frame frame;
    plug();
    start(port);
    tell("configure-least");
    CHECK(hear_type(FRAME_STATS, &frame));
    tell("swap-on-serial-of-a-path");
    while (hear(&frame, 1500)) CHECK(frame.type == FRAME_HELLO || frame.type == FRAME_STATS);
    tell("swap-on");
    CHECK(!hear(&frame, 300));
    tell("configure-least");
    CHECK(hear_type(FRAME_HELLO, &frame));
    CHECK(hear_type(FRAME_STATS, &frame));
    stop();
}

static void drops_a_half_frame_whose_rest_never_comes(void)
{
    struct frame frame;
    plug();
    start(port);
    CHECK(hear_type(FRAME_HELLO, &frame));
    const uint8_t half[] = {0, 0, 0, 8, 1, 16};
    CHECK(write(host, half, sizeof half) == sizeof half);
    CHECK(!hear(&frame, 2500)); /* the half frame's time passes */
    tell("configure-least");
    CHECK(hear(&frame, DEADLINE_MS) && frame.type == FRAME_HELLO);
    stop();
}

static void outlives_a_port_that_goes_away_and_comes_back(void)
{
    struct frame frame;
    char link[] = "/tmp/guest-balloon-port-XXXXXX";
    CHECK(mkdtemp(link) != NULL);
    char path[64] = "";
    strcat(strcat(path, link), "/port");
    plug();
    CHECK(symlink(port, path) == 0);
    start(path);
    tell("configure-least");
    CHECK(hear_type(FRAME_STATS, &frame));
    CHECK(unlink(path) == 0);
    close(host);
    plug();
    CHECK(symlink(port, path) == 0);
    tell("configure-least");
    CHECK(hear_type(FRAME_HELLO, &frame) && hear_type(FRAME_STATS, &frame));
    unlink(path);
    rmdir(link);
    stop();
}

static void outlives_a_flood_and_still_answers(void)
{
    struct frame frame;
    uint8_t flood[4096];
    plug();
    start(port);
    CHECK(hear_type(FRAME_HELLO, &frame));
    memset(flood, 0xa5, sizeof flood);
    fcntl(host, F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 2000; i++) {
        if (write(host, flood, sizeof flood) < 0) usleep(100);
    }
    fcntl(host, F_SETFL, 0);
    bool heard = false;
    for (int i = 0; i < 20 && !heard; i++) {
        tell("configure-least"); /* may be cut by the flood's last bytes */
        heard = hear(&frame, 1000);
    }
    CHECK(heard && frame.type == FRAME_HELLO);
    stop();
}

static int exit_code(char *const arguments[])
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int log = open("/dev/null", O_WRONLY);
        dup2(log, 1);
        dup2(log, 2);
        execv(daemon_path, arguments);
        _exit(127);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void refuses_options_that_it_does_not_know(void)
{
    char name[] = "guest-balloon", version[] = "--version", unknown[] = "--swap", more[] = "--port";
    CHECK(exit_code((char *[]){name, version, NULL}) == 0);
    CHECK(exit_code((char *[]){name, unknown, NULL}) == 2);
    CHECK(exit_code((char *[]){name, more, NULL}) == 2);
    CHECK(exit_code((char *[]){name, more, version, unknown, NULL}) == 2);
}

void daemon_tests(void)
{
    signal(SIGPIPE, SIG_IGN);
    RUN(says_hello_and_then_stats_of_this_machine);
    RUN(answers_a_swap_request_for_no_disk);
    RUN(falls_silent_after_a_malformed_frame_until_configured);
    RUN(drops_a_half_frame_whose_rest_never_comes);
    RUN(outlives_a_port_that_goes_away_and_comes_back);
    RUN(outlives_a_flood_and_still_answers);
    RUN(refuses_options_that_it_does_not_know);
}
