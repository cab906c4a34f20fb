/* Small reads of procfs and sysfs without stdio, which would allocate. */
#ifndef MEMFABRIC_FILES_H
#define MEMFABRIC_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a whole small file from its start; -1 where it cannot be read. Cuts at `room`. */
long files_read(int fd, char *into, size_t room);
long files_read_at(int dir, const char *path, char *into, size_t room);
bool files_number_at(int dir, const char *path, uint64_t *value);
bool files_write_at(int dir, const char *path, const char *text);

/* Calls visit for each name but "." and ".." until it answers false; false without a directory. */
bool files_each(int dir, const char *path, bool (*visit)(void *context, const char *name),
                void *context);

#endif
