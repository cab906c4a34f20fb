#define _GNU_SOURCE
#include "disk.h"

#include "files.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/guest-balloon-test-XXXXXX";

static void folder(const char *path)
{
    char whole[256];
    snprintf(whole, sizeof whole, "%s/%s", root, path);
    CHECK(mkdir(whole, 0700) == 0);
}

static void put(const char *path, const char *text)
{
    char whole[256];
    snprintf(whole, sizeof whole, "%s/%s", root, path);
    FILE *file = fopen(whole, "w");
    if (!CHECK(file != NULL)) return;
    fputs(text, file);
    fclose(file);
}

static void disk(const char *name, const char *serial, const char *sectors)
{
    char path[64];
    folder(name);
    snprintf(path, sizeof path, "%s/queue", name);
    folder(path);
    snprintf(path, sizeof path, "%s/holders", name);
    folder(path);
    snprintf(path, sizeof path, "%s/serial", name);
    put(path, serial); /* the kernel writes no newline here */
    snprintf(path, sizeof path, "%s/size", name);
    put(path, sectors);
    snprintf(path, sizeof path, "%s/dev", name);
    put(path, "254:16\n");
    snprintf(path, sizeof path, "%s/queue/rotational", name);
    put(path, "1\n");
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

static int begin(void)
{
    strcpy(root, "/tmp/guest-balloon-test-XXXXXX");
    CHECK(mkdtemp(root) != NULL);
    return open(root, O_RDONLY | O_DIRECTORY);
}

static void end(int fd)
{
    close(fd);
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void case_24_finds_a_disk_by_its_serial_whatever_the_order_of_devices(void)
{
    int sys = begin();
    struct disk found;
    disk("vda", "tenants-own-disk", "2048\n");
    disk("vdb", "g-0123456789abcdef99", "1048576\n");
    disk("vdc", "g-0123456789abcdef9", "1048576\n");
    CHECK(disk_find(sys, "g-0123456789abcdef99", &found) == REPLY_OK);
    CHECK(strcmp(found.name, "vdb") == 0 && found.size_bytes == 512u << 20);
    CHECK(found.major == 254 && found.minor == 16);
    end(sys);
}

static void finds_none_by_a_part_of_a_serial(void)
{
    int sys = begin();
    struct disk found;
    disk("vda", "g-12", "2048\n");
    folder("loop0"); /* has no serial */
    CHECK(disk_find(sys, "g-1", &found) == REPLY_NOT_FOUND);
    CHECK(disk_find(sys, "g-123", &found) == REPLY_NOT_FOUND);
    CHECK(disk_find(sys, "G-12", &found) == REPLY_NOT_FOUND);
    end(sys);
}

static void does_not_guess_between_two_disks_of_one_serial(void)
{
    int sys = begin();
    struct disk found;
    disk("vda", "g-1", "2048\n");
    disk("vdb", "g-1", "4096\n");
    CHECK(disk_find(sys, "g-1", &found) == REPLY_IN_USE);
    end(sys);
}

static void finds_none_whose_numbers_make_no_sense(void)
{
    int sys = begin();
    struct disk found;
    disk("vda", "g-1", "99999999999999999999\n");
    disk("vdb", "g-2", "many\n");
    CHECK(disk_find(sys, "g-1", &found) == REPLY_NOT_FOUND);
    CHECK(disk_find(sys, "g-2", &found) == REPLY_NOT_FOUND);
    end(sys);
}

static void sees_partitions_and_holders(void)
{
    int sys = begin();
    struct disk found = {.name = ""};
    disk("vda", "g-1", "2048\n");
    CHECK(disk_find(sys, "g-1", &found) == REPLY_OK);
    CHECK(!disk_is_divided(sys, &found));
    folder("vda/vda1");
    put("vda/vda1/partition", "1\n");
    CHECK(disk_is_divided(sys, &found));
    disk("vdb", "g-2", "2048\n");
    folder("vdb/holders/dm-0");
    CHECK(disk_find(sys, "g-2", &found) == REPLY_OK);
    CHECK(disk_is_divided(sys, &found));
    strcpy(found.name, "vdz"); /* went away meanwhile */
    CHECK(disk_is_divided(sys, &found));
    end(sys);
}

static void asks_for_discards(void)
{
    int sys = begin();
    struct disk found;
    uint64_t rotational = 1;
    disk("vda", "g-1", "2048\n");
    CHECK(disk_find(sys, "g-1", &found) == REPLY_OK);
    disk_set_fast(sys, &found);
    CHECK(files_number_at(sys, "vda/queue/rotational", &rotational) && rotational == 0);
    end(sys);
}

static void opens_nothing_but_the_block_device_that_sysfs_named(void)
{
    int dev = begin();
    struct disk wanted = {.name = "vda", .size_bytes = 5};
    put("vda", "12345");
    CHECK(disk_open(root, &wanted) == -1 && errno == ENODEV);
    char link[64];
    snprintf(link, sizeof link, "%s/vdb", root);
    strcpy(wanted.name, "vdb");
    CHECK(symlink("vda", link) == 0);
    CHECK(disk_open(root, &wanted) == -1 && errno == ELOOP);
    end(dev);
}

void disk_tests(void)
{
    RUN(case_24_finds_a_disk_by_its_serial_whatever_the_order_of_devices);
    RUN(finds_none_by_a_part_of_a_serial);
    RUN(does_not_guess_between_two_disks_of_one_serial);
    RUN(finds_none_whose_numbers_make_no_sense);
    RUN(sees_partitions_and_holders);
    RUN(asks_for_discards);
    RUN(opens_nothing_but_the_block_device_that_sysfs_named);
}
