/*
 * Runs the fuzz target without libFuzzer: seeded mutations of known frames and kernel texts.
 *   fuzz VECTORS SAMPLES SECONDS SEED
 * Prints the seed and the executions; a crash prints the input that did it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CORPUS 256
#define INPUT_BYTES 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    size_t size;
    uint8_t bytes[INPUT_BYTES];
};

static struct input corpus[CORPUS];
static size_t corpus_size;
static struct input current;
static uint64_t state;

static uint64_t draw(uint64_t below)
{
    /* splitmix64 */
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % below;
}

static void add(uint8_t choice, const uint8_t *bytes, size_t n)
{
    if (corpus_size == CORPUS || n >= INPUT_BYTES) return;
    struct input *input = &corpus[corpus_size++];
    input->bytes[0] = choice;
    memcpy(input->bytes + 1, bytes, n);
    input->size = n + 1;
}

static void add_vectors(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[1024], name[128], hex[800];
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    while (fgets(line, sizeof line, file) != NULL) {
        uint8_t bytes[400];
        size_t n = 0;
        unsigned byte;
        if (line[0] == '#' || sscanf(line, "%127s %799s", name, hex) != 2) continue;
        while (n < sizeof bytes && sscanf(hex + 2 * n, "%2x", &byte) == 1) bytes[n++] = (uint8_t)byte;
        add(0, bytes, n);
        add(1, bytes, n);
    }
    fclose(file);
}

static void add_samples(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[1024];
        static uint8_t bytes[INPUT_BYTES - 1];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (file == NULL) continue;
        add(2, bytes, fread(bytes, 1, sizeof bytes - 1, file));
        fclose(file);
    }
    if (dir != NULL) closedir(dir);
}

static void insert(size_t at, const uint8_t *bytes, size_t n)
{
    if (n > INPUT_BYTES - current.size) n = INPUT_BYTES - current.size;
    memmove(current.bytes + at + n, current.bytes + at, current.size - at);
    memcpy(current.bytes + at, bytes, n);
    current.size += n;
}

static void mutate(void)
{
    static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, '\n', ' ', '9', '-', '.'};
    size_t at = (size_t)draw(current.size);
    switch (draw(7)) {
    case 0: current.bytes[at] ^= (uint8_t)(1u << draw(8)); break;
    case 1: current.bytes[at] = (uint8_t)draw(256); break;
    case 2: current.bytes[at] = odd[draw(sizeof odd)]; break;
    case 3: current.size = at + 1; break;
    case 4: { /* one byte, again and again: long numbers, long lines */
        uint8_t same[64];
        memset(same, odd[draw(sizeof odd)], sizeof same);
        insert(at, same, (size_t)draw(sizeof same) + 1);
        break;
    }
    case 5: { /* another input behind this one: a stream of frames */
        const struct input *other = &corpus[draw(corpus_size)];
        insert(current.size, other->bytes + 1, other->size - 1);
        break;
    }
    default: { /* take some bytes out */
        size_t n = (size_t)draw(current.size - at) + 1;
        if (n > 16) n = 16;
        if (n >= current.size) break;
        memmove(current.bytes + at, current.bytes + at + n, current.size - at - n);
        current.size -= n;
    }
    }
}

/* The sanitizers call abort() when told to; so does the target. */
static void print_input(int signal)
{
    (void)signal;
    dprintf(2, "fuzz: crashed on %zu bytes:\n", current.size);
    for (size_t i = 0; i < current.size; i++) dprintf(2, "%02x", current.bytes[i]);
    dprintf(2, "\n");
    _exit(1);
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void execute(void)
{
    /* Exactly as large as the input, so that a read behind it is seen. */
    uint8_t *exact = malloc(current.size);
    memcpy(exact, current.bytes, current.size);
    LLVMFuzzerTestOneInput(exact, current.size);
    free(exact);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: fuzz VECTORS SAMPLES SECONDS SEED\n");
        return 2;
    }
    signal(SIGABRT, print_input);
    add_vectors(argv[1]);
    add_samples(argv[2]);
    state = strtoull(argv[4], NULL, 10);
    double begin = seconds_now(), end = begin + atof(argv[3]);
    unsigned long long executions = 0;
    while (executions % 256 != 0 || seconds_now() < end) {
        const struct input *base = &corpus[draw(corpus_size)];
        memcpy(current.bytes, base->bytes, base->size);
        current.size = base->size;
        for (uint64_t n = draw(6); n > 0; n--) mutate();
        execute();
        executions++;
    }
    printf("fuzz: seed %s, %llu executions in %.0f s, no crash\n", argv[4], executions,
           seconds_now() - begin);
    return 0;
}
