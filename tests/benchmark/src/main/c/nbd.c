#include "nbd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAGIC 0x4e42444d41474943ull
#define OPTION_MAGIC 0x49484156454F5054ull
#define OPTION_REPLY_MAGIC 0x0003e889045565a9ull

enum { OPT_GO = 7, REP_ACK = 1, REP_INFO = 3, INFO_EXPORT = 0, MAX_OPTION = 65536 };
enum { HAS_FLAGS = 1, SEND_FLUSH = 4, SEND_FUA = 8 };
static const uint32_t REP_ERR_UNSUP = 0x80000001u;

noreturn void die(const char *what) {
    if (errno != 0) {
        perror(what);
    } else {
        fprintf(stderr, "%s\n", what);
    }
    exit(1);
}

union address {
    struct sockaddr any;
    struct sockaddr_un local;
    struct sockaddr_in inet;
};

static socklen_t parse(const char *text, union address *address) {
    memset(address, 0, sizeof *address);
    if (strncmp(text, "unix:", 5) == 0) {
        address->local.sun_family = AF_UNIX;
        if (strlen(text + 5) >= sizeof address->local.sun_path) {
            die("the socket's path is too long");
        }
        strcpy(address->local.sun_path, text + 5);
        return sizeof address->local;
    }
    char host[64];
    unsigned port;
    if (sscanf(text, "tcp:%63[^:]:%u", host, &port) != 2 || port > 65535) {
        die("an address is unix:PATH or tcp:HOST:PORT");
    }
    address->inet.sin_family = AF_INET;
    address->inet.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &address->inet.sin_addr) != 1) {
        die("not an IPv4 address");
    }
    return sizeof address->inet;
}

static int no_delay(int fd, const union address *address) {
    int on = 1;
    if (address->any.sa_family == AF_INET && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
        die("TCP_NODELAY");
    }
    return fd;
}

int connect_to(const char *text) {
    union address address;
    socklen_t length = parse(text, &address);
    int fd = socket(address.any.sa_family, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, &address.any, length) != 0) {
        die(text);
    }
    return no_delay(fd, &address);
}

int listen_at(const char *text) {
    union address address;
    socklen_t length = parse(text, &address);
    int fd = socket(address.any.sa_family, SOCK_STREAM, 0);
    int on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, &address.any, length) != 0 || listen(fd, 16) != 0) {
        die(text);
    }
    return fd;
}

int accept_from(int listener) {
    union address address;
    socklen_t length = sizeof address;
    int fd = accept(listener, &address.any, &length);
    if (fd < 0) {
        die("accept");
    }
    return no_delay(fd, &address);
}

void read_fully(int fd, void *to, size_t length) {
    for (char *at = to; length > 0;) {
        ssize_t got = read(fd, at, length);
        if (got <= 0) {
            die("the peer closed");
        }
        at += got;
        length -= (size_t)got;
    }
}

void write_fully(int fd, const void *from, size_t length) {
    for (const char *at = from; length > 0;) {
        ssize_t put = write(fd, at, length);
        if (put <= 0) {
            die("write");
        }
        at += put;
        length -= (size_t)put;
    }
}

struct option {
    uint64_t magic;
    uint32_t option;
    uint32_t length;
} __attribute__((packed));

struct option_reply {
    uint64_t magic;
    uint32_t option;
    uint32_t type;
    uint32_t length;
} __attribute__((packed));

uint64_t enter(int fd, const char *name) {
    unsigned char greeting[18];
    read_fully(fd, greeting, sizeof greeting);
    uint32_t flags = htobe32(3);
    write_fully(fd, &flags, sizeof flags);

    uint32_t name_length = (uint32_t)strlen(name);
    struct option option = {htobe64(OPTION_MAGIC), htobe32(OPT_GO), htobe32(name_length + 6)};
    uint32_t name_length_be = htobe32(name_length);
    uint16_t requests = 0;
    write_fully(fd, &option, sizeof option);
    write_fully(fd, &name_length_be, sizeof name_length_be);
    write_fully(fd, name, name_length);
    write_fully(fd, &requests, sizeof requests);

    uint64_t size = 0;
    while (1) {
        struct option_reply reply;
        unsigned char data[4096];
        read_fully(fd, &reply, sizeof reply);
        uint32_t length = be32toh(reply.length);
        if (be64toh(reply.magic) != OPTION_REPLY_MAGIC || length > sizeof data) {
            die("not an option reply");
        }
        read_fully(fd, data, length);
        switch (be32toh(reply.type)) {
        case REP_ACK:
            return size;
        case REP_INFO:
            if (length == 12 && data[0] == 0 && data[1] == INFO_EXPORT) {
                memcpy(&size, data + 2, sizeof size);
                size = be64toh(size);
            }
            break;
        default:
            errno = 0;
            die("the server refuses the export");
        }
    }
}

static void send_option_reply(int fd, uint32_t option, uint32_t type, const void *data, uint32_t length) {
    struct option_reply reply = {htobe64(OPTION_REPLY_MAGIC), htobe32(option), htobe32(type), htobe32(length)};
    write_fully(fd, &reply, sizeof reply);
    write_fully(fd, data, length);
}

void admit(int fd, uint64_t size) {
    struct {
        uint64_t magic;
        uint64_t option_magic;
        uint16_t flags;
    } __attribute__((packed)) greeting = {htobe64(MAGIC), htobe64(OPTION_MAGIC), htobe16(3)};
    uint32_t client_flags;
    write_fully(fd, &greeting, sizeof greeting);
    read_fully(fd, &client_flags, sizeof client_flags);
    while (1) {
        struct option option;
        static unsigned char data[MAX_OPTION];
        read_fully(fd, &option, sizeof option);
        uint32_t length = be32toh(option.length);
        if (be64toh(option.magic) != OPTION_MAGIC || length > sizeof data) {
            die("not an option");
        }
        read_fully(fd, data, length);
        if (be32toh(option.option) == OPT_GO) {
            struct {
                uint16_t type;
                uint64_t size;
                uint16_t flags;
            } __attribute__((packed)) info = {
                htobe16(INFO_EXPORT), htobe64(size), htobe16(HAS_FLAGS | SEND_FLUSH | SEND_FUA)};
            send_option_reply(fd, OPT_GO, REP_INFO, &info, sizeof info);
            send_option_reply(fd, OPT_GO, REP_ACK, NULL, 0);
            return;
        }
        send_option_reply(fd, be32toh(option.option), REP_ERR_UNSUP, NULL, 0);
    }
}
