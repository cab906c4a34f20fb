/*
 * Holds a service's descriptors while it restarts: the part of systemd that the lab and the tests
 * need, without systemd. Runs a command with NOTIFY_SOCKET, takes READY, STOPPING, WATCHDOG, FDSTORE
 * and FDSTOREREMOVE messages (sd_notify(3)), starts the command again when it ends, and hands the
 * descriptors over as LISTEN_FDS and LISTEN_FDNAMES (sd_listen_fds(3)).
 *
 * holder [-d RESTART_DELAY_MS] [-w WATCHDOG_MS] [-p PIDFILE] -- COMMAND ...
 *
 * The pid of the command and every restart are told on stderr. SIGTERM and SIGINT are handed on; when
 * the command has ended then, so does the holder. A command that says with its exit code that it can
 * not be started (64, 78) is not started again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_HELD = 1024, MAX_NAME = 255, FIRST_FD = 3, MESSAGE = 4096, USAGE = 64, BAD_CONFIG = 78 };

struct held {
    int fd;
    char name[MAX_NAME + 1];
};

static struct held held[MAX_HELD];
static int held_count;
static char socket_path[64];
static int64_t last_alive;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void say(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    fputs("holder: ", stderr);
    vfprintf(stderr, format, words);
    fputc('\n', stderr);
    va_end(words);
}

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(71);
}

/* An abstract name: it lives in the network namespace and ends with the socket. */
static int notify_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        give_up("socket");
    snprintf(socket_path, sizeof socket_path, "@memfabric-holder-%d-%lld", (int)getpid(),
             (long long)now_ms());
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(socket_path);
    memcpy(address.sun_path + 1, socket_path + 1, length - 1);
    if (bind(fd, (struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
        give_up("bind");
    int size = 8 << 20;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    return fd;
}

/* The value of a line KEY=value of a message, or NULL; valid until the message changes. */
static bool field(const char *text, const char *key, char *value, size_t room)
{
    size_t length = strlen(key);
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
        if (strncmp(line, key, length) == 0 && line[length] == '=') {
            const char *from = line + length + 1;
            size_t bytes = strcspn(from, "\n");
            if (bytes >= room)
                return false;
            memcpy(value, from, bytes);
            value[bytes] = 0;
            return true;
        }
    }
    return false;
}

static void forget(const char *name)
{
    for (int i = 0; i < held_count;) {
        if (strcmp(held[i].name, name) == 0) {
            close(held[i].fd);
            held[i] = held[--held_count];
        } else {
            i++;
        }
    }
}

static void keep(const char *name, int fd)
{
    if (held_count == MAX_HELD) {
        say("no room for %s", name);
        close(fd);
        return;
    }
    held[held_count].fd = fd;
    snprintf(held[held_count].name, sizeof held[held_count].name, "%s", name);
    held_count++;
}

static bool take_message(int fd)
{
    static char text[MESSAGE];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(8 * sizeof(int))];
    } control;
    struct iovec body = {.iov_base = text, .iov_len = sizeof text - 1};
    struct msghdr message = {.msg_iov = &body, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t bytes = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (bytes < 0)
        return errno == EINTR;
    text[bytes] = 0;
    char value[MAX_NAME + 1];
    char name[MAX_NAME + 1] = "stored";
    (void)field(text, "FDNAME", name, sizeof name);
    bool store = field(text, "FDSTORE", value, sizeof value) && strcmp(value, "1") == 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        int count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int i = 0; i < count; i++) {
            int got;
            memcpy(&got, CMSG_DATA(c) + (size_t)i * sizeof got, sizeof got);
            if (store)
                keep(name, got);
            else
                close(got);
        }
    }
    if (field(text, "FDSTOREREMOVE", value, sizeof value) && strcmp(value, "1") == 0)
        forget(name);
    if (field(text, "READY", value, sizeof value))
        say("ready");
    if (field(text, "WATCHDOG", value, sizeof value))
        last_alive = now_ms();
    return true;
}

/* In the child: the held descriptors become 3, 4, ... */
static _Noreturn void become(char **command, int64_t watchdog_ms, const sigset_t *before)
{
    static char names[MAX_HELD * (MAX_NAME + 1)];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, before, NULL);
    size_t end = 0;
    /* First out of the way of the numbers that they are to have. */
    for (int i = 0; i < held_count; i++) {
        int high = fcntl(held[i].fd, F_DUPFD_CLOEXEC, FIRST_FD + held_count);
        if (high < 0)
            give_up("dup");
        held[i].fd = high;
    }
    for (int i = 0; i < held_count; i++) {
        if (dup2(held[i].fd, FIRST_FD + i) < 0)
            give_up("dup2");
        end += (size_t)snprintf(names + end, sizeof names - end, "%s%s", i ? ":" : "", held[i].name);
    }
    char number[32];
    setenv("NOTIFY_SOCKET", socket_path, 1);
    if (held_count > 0) {
        snprintf(number, sizeof number, "%d", held_count);
        setenv("LISTEN_FDS", number, 1);
        setenv("LISTEN_FDNAMES", names, 1);
        snprintf(number, sizeof number, "%d", (int)getpid());
        setenv("LISTEN_PID", number, 1);
    }
    if (watchdog_ms > 0) {
        snprintf(number, sizeof number, "%lld", (long long)watchdog_ms * 1000);
        setenv("WATCHDOG_USEC", number, 1);
        snprintf(number, sizeof number, "%d", (int)getpid());
        setenv("WATCHDOG_PID", number, 1);
    }
    execvp(command[0], command);
    perror(command[0]);
    _exit(USAGE);
}

static void write_pid(const char *file, pid_t pid)
{
    if (!file)
        return;
    char fresh[4096];
    snprintf(fresh, sizeof fresh, "%s.new", file);
    FILE *out = fopen(fresh, "we");
    if (!out)
        give_up(fresh);
    fprintf(out, "%d\n", (int)pid);
    fclose(out);
    if (rename(fresh, file) < 0)
        give_up(file);
}

int main(int argc, char **argv)
{
    int64_t delay_ms = 50;
    int64_t watchdog_ms = 0;
    const char *pid_file = NULL;
    int option;
    while ((option = getopt(argc, argv, "+d:w:p:")) != -1) {
        switch (option) {
        case 'd':
            delay_ms = atoll(optarg);
            break;
        case 'w':
            watchdog_ms = atoll(optarg);
            break;
        case 'p':
            pid_file = optarg;
            break;
        default:
            return USAGE;
        }
    }
    if (optind >= argc) {
        fputs("usage: holder [-d RESTART_DELAY_MS] [-w WATCHDOG_MS] [-p PIDFILE] -- COMMAND ...\n",
              stderr);
        return USAGE;
    }
    sigset_t ours, before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGCHLD);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigprocmask(SIG_BLOCK, &ours, &before);
    int signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    int notify = notify_socket();
    bool stopping = false;
    while (true) {
        last_alive = now_ms();
        pid_t pid = fork();
        if (pid < 0)
            give_up("fork");
        if (pid == 0)
            become(argv + optind, watchdog_ms, &before);
        write_pid(pid_file, pid);
        say("started %d with %d descriptors", (int)pid, held_count);
        int status = 0;
        bool ended = false;
        while (!ended) {
            struct pollfd wait[] = {{.fd = signals, .events = POLLIN},
                                    {.fd = notify, .events = POLLIN}};
            (void)poll(wait, 2, watchdog_ms > 0 ? 100 : -1);
            struct signalfd_siginfo info;
            while (read(signals, &info, sizeof info) == sizeof info) {
                if (info.ssi_signo != SIGCHLD) {
                    stopping = true;
                    kill(pid, SIGTERM);
                }
            }
            /* What it said before it died counts: first the end, then what is in the socket. */
            ended = waitpid(pid, &status, WNOHANG) == pid;
            while (take_message(notify)) {
            }
            if (!ended && watchdog_ms > 0 && now_ms() - last_alive > watchdog_ms) {
                say("%d is silent", (int)pid);
                kill(pid, SIGKILL);
                last_alive = now_ms();
            }
        }
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        say("%d ended with %d", (int)pid, code);
        if (stopping || code == USAGE || code == BAD_CONFIG)
            return code;
        struct timespec pause = {.tv_sec = delay_ms / 1000, .tv_nsec = delay_ms % 1000 * 1000000};
        nanosleep(&pause, NULL);
    }
}
