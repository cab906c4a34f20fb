/* tests VECTORS SAMPLES DAEMON: runs everything, ends with "guest-balloon: N passed, N failed". */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *vectors_path, *samples_path;
const char *daemon_path;
static unsigned passed, failed, failures_here;

bool check(bool ok, const char *what, const char *file, int line)
{
    if (!ok && failures_here++ < 5) printf("  %s:%d: not so: %s\n", file, line, what);
    return ok;
}

void run(void (*test)(void), const char *name)
{
    failures_here = 0;
    test();
    if (failures_here == 0) passed++;
    else failed++;
    printf("%s %s\n", failures_here == 0 ? "ok  " : "FAIL", name);
}

static char *read_file(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    static char content[1 << 16];
    *n = fread(content, 1, sizeof content, file);
    fclose(file);
    char *exact = malloc(*n + (*n == 0));
    memcpy(exact, content, *n);
    return exact;
}

char *sample(const char *name, size_t *n)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.txt", samples_path, name);
    return read_file(path, n);
}

static size_t unhex(const char *hex, uint8_t out[256])
{
    size_t n = 0;
    unsigned byte;
    while (n < 256 && sscanf(hex + 2 * n, "%2x", &byte) == 1) out[n++] = (uint8_t)byte;
    return n;
}

void each_vector(void (*visit)(const char *name, bool refused, const uint8_t *bytes, size_t n))
{
    FILE *file = fopen(vectors_path, "r");
    char line[1024], name[128], hex[800];
    uint8_t bytes[256];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        hex[0] = 0;
        if (line[0] == '#' || sscanf(line, "%127s %799s", name, hex) < 1) continue;
        bool refused = name[0] == '!';
        size_t n = unhex(hex, bytes);
        uint8_t *exact = malloc(n + (n == 0));
        memcpy(exact, bytes, n);
        visit(name + refused, refused, exact, n);
        free(exact);
    }
    if (file == NULL) {
        perror(vectors_path);
        exit(2);
    }
    fclose(file);
}

static const char *looked_for;
static uint8_t *found_bytes;
static size_t found_length;

static void keep_if_looked_for(const char *name, bool refused, const uint8_t *bytes, size_t n)
{
    (void)refused;
    if (strcmp(name, looked_for) != 0) return;
    memcpy(found_bytes, bytes, n);
    found_length = n;
}

size_t vector_bytes(const char *name, uint8_t out[256])
{
    looked_for = name;
    found_bytes = out;
    found_length = 0;
    each_vector(keep_if_looked_for);
    return found_length;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: tests VECTORS SAMPLES DAEMON\n");
        return 2;
    }
    vectors_path = argv[1];
    samples_path = argv[2];
    daemon_path = argv[3];
    setvbuf(stdout, NULL, _IOLBF, 0);
    frame_tests();
    procfs_tests();
    session_tests();
    reclaim_tests();
    disk_tests();
    swap_tests();
    daemon_tests();
    printf("guest-balloon: %u passed, %u failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
