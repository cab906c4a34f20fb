/* A harness of a page: a test is a function, CHECK records a failure and goes on. */
#ifndef MEMFABRIC_TEST_H
#define MEMFABRIC_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
#define RUN(test) run((test), #test)

bool check(bool ok, const char *what, const char *file, int line);
void run(void (*test)(void), const char *name);

/* A file of test/samples, in a buffer that ends right behind it, so that a read beyond it shows. */
char *sample(const char *name, size_t *n);

/* A frame of the shared vectors by its name; its length, 0 where there is none. */
size_t vector_bytes(const char *name, uint8_t out[256]);

/* Calls visit for each vector. */
void each_vector(void (*visit)(const char *name, bool refused, const uint8_t *bytes, size_t n));

extern const char *daemon_path;

void frame_tests(void);
void procfs_tests(void);
void session_tests(void);
void reclaim_tests(void);
void disk_tests(void);
void swap_tests(void);
void daemon_tests(void);

#endif
