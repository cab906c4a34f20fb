#include "procfs.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

static void reads_a_guests_meminfo(void)
{
    size_t n;
    char *text = sample("meminfo", &n);
    struct stats s = {0};
    CHECK(procfs_meminfo(text, n, &s));
    CHECK(s.total == 158084u * 1024 && s.free == 2436u * 1024 && s.available == 7636u * 1024);
    CHECK(s.swap_total == 524284u * 1024 && s.swap_free == 262396u * 1024);
    free(text);
}

static void reads_a_guests_pressure(void)
{
    size_t n;
    char *text = sample("pressure", &n);
    struct stats s = {0};
    CHECK(procfs_pressure(text, n, &s));
    CHECK(s.pressure_some_centipercent == 3140);
    CHECK(s.pressure_some_micros == 21672258 && s.pressure_full_micros == 15736343);
    free(text);
}

static void reads_a_guests_vmstat(void)
{
    size_t n;
    char *text = sample("vmstat", &n);
    struct stats s = {0};
    CHECK(procfs_vmstat(text, n, &s));
    CHECK(s.major_faults == 58077 && s.pages_swapped_in == 464118 && s.pages_swapped_out == 544197);
    CHECK(s.refaults == 464118);
    free(text);
}

static void reads_the_used_bytes_of_one_swap_device(void)
{
    size_t n;
    char *text = sample("swaps", &n);
    uint64_t used;
    CHECK(procfs_swap_used(text, n, "/dev/vda", &used) && used == 261888u * 1024);
    CHECK(!procfs_swap_used(text, n, "/dev/vd", &used));
    CHECK(!procfs_swap_used(text, n, "/dev/vdaa", &used));
    CHECK(!procfs_swap_used(text, n, "Filename", &used));
    free(text);
}

static void takes_no_device_for_swapped_on_whose_name_only_begins_so(void)
{
    const char text[] = "Filename Type Size Used Priority\n/dev/vda1 partition 100 5 -2\n"
                        "/dev/vda\\040(deleted) partition 100 6 -2\n";
    uint64_t used;
    CHECK(!procfs_swap_used(text, sizeof text - 1, "/dev/vda", &used));
}

static bool meminfo(const char *text, struct stats *s)
{
    memset(s, 0, sizeof *s);
    return procfs_meminfo(text, strlen(text), s);
}

static void refuses_meminfo_without_total_or_available(void)
{
    struct stats s;
    CHECK(!meminfo("", &s));
    CHECK(!meminfo("MemTotal: 5 kB\n", &s));
    CHECK(!meminfo("MemAvailable: 5 kB\n", &s));
    CHECK(!meminfo("MemTotal: 5 kB\nMemAvailable: kB\n", &s));
    CHECK(!meminfo("MemTotal: 5 kB\nMemAvailable: -4 kB\n", &s));
    CHECK(!meminfo("MemTotal: 5 MB\nMemAvailable: 4 kB\n", &s));
    CHECK(!meminfo("MemTotal: 5 kB\nMemAvailable: 4 kB", &s)); /* cut: it could be 42 kB */
    CHECK(!meminfo("xMemTotal: 5 kB\nMemAvailable: 4 kB\n", &s));
    CHECK(meminfo("MemTotal:5 kB\nMemAvailable:\t4 kB\n", &s) && s.available == 4096);
}

static void cuts_absurd_numbers_to_63_bits(void)
{
    struct stats s;
    CHECK(meminfo("MemTotal: 99999999999999999999999999 kB\nMemAvailable: 9007199254740993 kB\n", &s));
    CHECK(s.total == INT64_MAX && s.available == INT64_MAX);
    const char vmstat[] = "workingset_refault_anon 9223372036854775807\nworkingset_refault_file 9\n";
    CHECK(procfs_vmstat(vmstat, sizeof vmstat - 1, &s) && s.refaults == INT64_MAX);
}

static int64_t pressure(const char *text)
{
    struct stats s = {0};
    procfs_pressure(text, strlen(text), &s);
    return s.pressure_some_centipercent;
}

static void takes_odd_pressure_for_none(void)
{
    CHECK(pressure("") == -1);
    CHECK(pressure("full avg10=1.00 avg60=0.00 avg300=0.00 total=5\n") == -1);
    CHECK(pressure("some avg10=1 total=5\n") == -1);
    CHECK(pressure("some avg10=1.2\n") == -1);
    CHECK(pressure("some avg10=-1.00\n") == -1);
    CHECK(pressure("some avg10=nan\n") == -1);
    CHECK(pressure("some avg10=100.01\n") == -1);
    CHECK(pressure("some avg10=184467440737095516.16\n") == -1);
    CHECK(pressure("some avg10=100.00\n") == 10000);
    CHECK(pressure("some avg10=0.07 total=\n") == 7);
}

static void adds_the_one_refault_counter_of_old_kernels(void)
{
    struct stats s = {0};
    const char text[] = "workingset_refault 7\npgmajfault 3\n";
    CHECK(procfs_vmstat(text, sizeof text - 1, &s) && s.refaults == 7 && s.major_faults == 3);
    const char none[] = "workingset_nodes 7\npgmajfault 3\n";
    CHECK(!procfs_vmstat(none, sizeof none - 1, &s));
}

static void reads_a_boot_id_and_no_other_text(void)
{
    uint8_t id[16];
    const char good[] = "01234567-89ab-cdef-0123-456789abcdef\n";
    CHECK(procfs_boot_id(good, sizeof good - 1, id) && id[0] == 0x01 && id[15] == 0xef);
    CHECK(!procfs_boot_id(good, 20, id));
    CHECK(!procfs_boot_id("", 0, id));
    CHECK(!procfs_boot_id("g1234567-89ab-cdef-0123-456789abcdef\n", 37, id));
    CHECK(!procfs_boot_id("01234567-89ab-cdef-0123-456789abcdef0\n", 38, id));
}

/* Every way to cut every sample: the sanitizers watch for a read beyond the end. */
static void survives_samples_that_are_cut_anywhere(void)
{
    const char *const names[] = {"meminfo", "pressure", "vmstat", "swaps"};
    for (size_t i = 0; i < 4; i++) {
        size_t n;
        char *text = sample(names[i], &n);
        for (size_t cut = 0; cut < n; cut += 3) {
            char *part = malloc(cut + (cut == 0));
            struct stats s = {0};
            uint64_t used;
            memcpy(part, text, cut);
            (void)procfs_meminfo(part, cut, &s);
            (void)procfs_pressure(part, cut, &s);
            (void)procfs_vmstat(part, cut, &s);
            (void)procfs_swap_used(part, cut, "/dev/vda", &used);
            free(part);
        }
        free(text);
        CHECK(n > 0);
    }
}

void procfs_tests(void)
{
    RUN(reads_a_guests_meminfo);
    RUN(reads_a_guests_pressure);
    RUN(reads_a_guests_vmstat);
    RUN(reads_the_used_bytes_of_one_swap_device);
    RUN(takes_no_device_for_swapped_on_whose_name_only_begins_so);
    RUN(refuses_meminfo_without_total_or_available);
    RUN(cuts_absurd_numbers_to_63_bits);
    RUN(takes_odd_pressure_for_none);
    RUN(adds_the_one_refault_counter_of_old_kernels);
    RUN(reads_a_boot_id_and_no_other_text);
    RUN(survives_samples_that_are_cut_anywhere);
}
