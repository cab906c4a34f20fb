/* Swaps granted disks on and off. May block as long as the disk does: run it in a child process. */
#ifndef MEMFABRIC_SWAP_H
#define MEMFABRIC_SWAP_H

#include "disk.h"

#define SWAP_LOOK_BYTES 65536 /* what must be empty, and the largest page of any Linux */

struct outcome {
    enum reply_code code;
    uint64_t detail;
};

/* Fills one page with a version-1 swap header whose label and UUID say that it is ours. */
void swap_header(uint8_t *page, size_t page_bytes, uint64_t size_bytes, const char *serial);

/* Whether we may write on a disk that begins with these bytes: all zeros, or our own header. */
bool swap_may_write(const uint8_t *start, size_t n, size_t page_bytes, const char *serial);

/* The bytes that MemAvailable lacks to hold the swapped bytes and 10 % more. */
uint64_t swap_missing(uint64_t available, uint64_t used);

struct outcome swap_on(const struct swap_request *request);
struct outcome swap_off(const struct swap_request *request);

#endif
