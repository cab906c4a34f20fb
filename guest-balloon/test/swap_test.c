#include "swap.h"

#include "test.h"

#include <string.h>

#define PAGE 4096

static uint8_t start[SWAP_LOOK_BYTES];

static void writes_the_header_that_the_kernel_reads(void)
{
    uint8_t page[PAGE];
    const uint8_t version_and_pages[] = {1, 0, 0, 0, 0xff, 0xff, 1, 0, 0, 0, 0, 0};
    swap_header(page, PAGE, 512u << 20, "g-1");
    /* Linux, include/linux/swap.h: numbers in the machine's own order, from byte 1,024 on. */
    CHECK(memcmp(page + 1024, version_and_pages, sizeof version_and_pages) == 0);
    CHECK(memcmp(page + 1052, "memfabric\0\0\0\0\0\0", 16) == 0);
    CHECK(memcmp(page + PAGE - 10, "SWAPSPACE2", 10) == 0);
    for (int i = 0; i < 1024; i++) CHECK(page[i] == 0);
}

static void may_write_on_zeros_only(void)
{
    memset(start, 0, sizeof start);
    CHECK(swap_may_write(start, sizeof start, PAGE, "g-1"));
    const size_t places[] = {0, 1, 510, 1080, 4095, 4096, 32768, sizeof start - 1};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        start[places[i]] = 1;
        CHECK(!swap_may_write(start, sizeof start, PAGE, "g-1"));
        start[places[i]] = 0;
    }
}

static void may_write_on_its_own_header_whatever_was_swapped_behind_it(void)
{
    memset(start, 0x5a, sizeof start);
    swap_header(start, PAGE, 512u << 20, "g-1");
    CHECK(swap_may_write(start, sizeof start, PAGE, "g-1"));
}

static void may_not_write_on_the_header_of_another_serial(void)
{
    memset(start, 0, sizeof start);
    swap_header(start, PAGE, 512u << 20, "g-1");
    CHECK(!swap_may_write(start, sizeof start, PAGE, "g-2"));
}

static void case_24_may_not_write_on_somebody_elses_swap(void)
{
    memset(start, 0, sizeof start);
    swap_header(start, PAGE, 512u << 20, "g-1");
    start[1024 + 12] ^= 1; /* the UUID */
    CHECK(!swap_may_write(start, sizeof start, PAGE, "g-1"));
    swap_header(start, PAGE, 512u << 20, "g-1");
    memset(start + 1052, 0, 16); /* the label */
    CHECK(!swap_may_write(start, sizeof start, PAGE, "g-1"));
}

static void case_23_may_not_write_where_the_disk_hibernated(void)
{
    memset(start, 0, sizeof start);
    swap_header(start, PAGE, 512u << 20, "g-1");
    memcpy(start + PAGE - 10, "S1SUSPEND\0", 10);
    CHECK(!swap_may_write(start, sizeof start, PAGE, "g-1"));
}

static void knows_what_is_missing_to_swap_off(void)
{
    CHECK(swap_missing(0, 0) == 0);
    CHECK(swap_missing(1100, 1000) == 0);
    CHECK(swap_missing(1099, 1000) == 1);
    CHECK(swap_missing(0, 1000) == 1100);
    CHECK(swap_missing(1, 1) == 1);
    CHECK(swap_missing(0, UINT64_MAX) == INT64_MAX);
}

static void answers_not_found_for_a_serial_that_no_disk_has(void)
{
    struct swap_request request = {1, 64u << 20, "memfabric-test-none", 5};
    CHECK(swap_on(&request).code == REPLY_NOT_FOUND);
    CHECK(swap_off(&request).code == REPLY_NOT_FOUND);
}

void swap_tests(void)
{
    RUN(writes_the_header_that_the_kernel_reads);
    RUN(may_write_on_zeros_only);
    RUN(may_write_on_its_own_header_whatever_was_swapped_behind_it);
    RUN(may_not_write_on_the_header_of_another_serial);
    RUN(case_24_may_not_write_on_somebody_elses_swap);
    RUN(case_23_may_not_write_where_the_disk_hibernated);
    RUN(knows_what_is_missing_to_swap_off);
    RUN(answers_not_found_for_a_serial_that_no_disk_has);
}
