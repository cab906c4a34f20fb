/*
 * The lab's way into a guest: runs the command lines that come over a virtio-serial port.
 *
 *   ping            ->  pong
 *   run COMMAND     ->  "out LINE" for each line of output, then "exit N" (128 + signal when killed)
 *   stop            ->  the running command is killed, its "exit" follows
 *
 * One command at a time. When the host hangs up, the running command is killed; a host that comes
 * right after it may not be told apart, so a second "run" kills the first too, without an "exit" of it.
 * A host that connects sends "ping" and drops what comes before the "pong".
 * Only for the lab: whoever holds the port's socket is root in the guest.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_BYTES 4096

struct lines {
    size_t used;
    char bytes[LINE_BYTES];
};

static int port;
static struct lines request, output;
static pid_t command;
static int pipe_end = -1;

static void score(const char *value)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (write(fd, value, strlen(value)) < 0) perror("lab-port: oom_score_adj");
    close(fd);
}

/* False where the host hung up. Waits while it is slow to read. */
static bool send_all(const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = write(port, bytes, n);
        if (sent >= 0) {
            bytes += sent;
            n -= (size_t)sent;
            continue;
        }
        if (errno != EAGAIN && errno != EINTR) return false;
        struct pollfd p = {.fd = port, .events = POLLOUT};
        if (poll(&p, 1, 1000) > 0 && (p.revents & POLLHUP)) return false;
    }
    return true;
}

static bool send_line(const char *prefix, const char *line, size_t n)
{
    char whole[LINE_BYTES + 16];
    int length = snprintf(whole, sizeof whole, "%s%.*s\n", prefix, (int)n, line);
    return send_all(whole, (size_t)length);
}

static void start(const char *line)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        send_line("exit 126", "", 0);
        return;
    }
    fflush(NULL);
    command = fork();
    if (command == 0) {
        setpgid(0, 0);
        score("0");
        int null = open("/dev/null", O_RDONLY);
        dup2(null, 0);
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (command < 0) {
        close(ends[0]);
        command = 0;
        send_line("exit 126", "", 0);
        return;
    }
    setpgid(command, command);
    pipe_end = ends[0];
    fcntl(pipe_end, F_SETFL, O_NONBLOCK);
    output.used = 0;
}

static void kill_command(void)
{
    if (command > 0) kill(-command, SIGKILL);
}

static void forget_command(void)
{
    if (command <= 0) return;
    kill_command();
    while (waitpid(command, NULL, 0) < 0 && errno == EINTR) {}
    close(pipe_end);
    pipe_end = -1;
    command = 0;
}

static void obey(char *line)
{
    if (strcmp(line, "ping") == 0) {
        send_line("pong", "", 0);
    } else if (strcmp(line, "stop") == 0) {
        kill_command();
    } else if (strncmp(line, "run ", 4) != 0) {
        send_line("unknown", "", 0);
    } else {
        forget_command();
        start(line + 4);
    }
}

/* Cuts complete lines off; a line that is too long is cut where the buffer ends. */
static void each_line(struct lines *lines, bool last, void (*take)(char *line))
{
    for (;;) {
        char *newline = memchr(lines->bytes, '\n', lines->used);
        size_t n = newline ? (size_t)(newline - lines->bytes) : lines->used;
        if (newline == NULL && lines->used < LINE_BYTES - 1 && !(last && n > 0)) return;
        char line[LINE_BYTES];
        memcpy(line, lines->bytes, n);
        line[n] = 0;
        size_t off = newline ? n + 1 : n;
        lines->used -= off;
        memmove(lines->bytes, lines->bytes + off, lines->used);
        take(line);
    }
}

static void forward(char *line)
{
    if (!send_line("out ", line, strlen(line))) kill_command();
}

/* True while there was something. */
static bool read_into(int fd, struct lines *lines, ssize_t *n)
{
    *n = read(fd, lines->bytes + lines->used, LINE_BYTES - 1 - lines->used);
    if (*n > 0) lines->used += (size_t)*n;
    return *n > 0;
}

static void drain_output(bool last)
{
    ssize_t n;
    while (pipe_end >= 0 && read_into(pipe_end, &output, &n)) each_line(&output, false, forward);
    if (last) each_line(&output, true, forward);
}

/* The command's own end counts, not that of what it left in the background. */
static void end_command(void)
{
    int status;
    char code[16];
    if (command <= 0 || waitpid(command, &status, WNOHANG) != command) return;
    drain_output(true);
    close(pipe_end);
    pipe_end = -1;
    command = 0;
    int n = snprintf(code, sizeof code, "%d",
                     WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    send_line("exit ", code, (size_t)n);
}

static void serve(void)
{
    bool host = false;
    ssize_t n;
    for (;;) {
        struct pollfd fds[2] = {{.fd = port, .events = POLLIN},
                                {.fd = pipe_end, .events = POLLIN}};
        poll(fds, 2, command > 0 ? 20 : 1000);
        /* Bytes of the next host can be here before the kernel tells that it came. */
        bool hung_up = fds[0].revents & POLLHUP;
        if (hung_up && host) {
            request.used = 0;
            kill_command();
        }
        host = !hung_up;
        if (read_into(port, &request, &n)) {
            each_line(&request, false, obey);
        } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
            exit(1);
        } else if (hung_up) {
            usleep(20000); /* poll(2) does not wait on a port that is hung up */
        }
        drain_output(false);
        end_command();
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: lab-port PATH\n");
        return 2;
    }
    port = open(argv[1], O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (port < 0) {
        perror("lab-port: open");
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    score("-1000");
    if (mlockall(MCL_CURRENT) != 0) perror("lab-port: mlockall");
    serve();
}
