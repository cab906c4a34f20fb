#include "procfs.h"

#include <string.h>

struct text { const char *at, *end; };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Takes the next line off; false at the end. A last line without its newline was cut: not a line. */
static bool next_line(struct text *rest, struct text *line)
{
    if (rest->at == rest->end) return false;
    const char *newline = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
    if (newline == NULL) return false;
    *line = (struct text){rest->at, newline};
    rest->at = newline + 1;
    return true;
}

static bool take(struct text *line, const char *prefix)
{
    size_t length = strlen(prefix);
    if ((size_t)(line->end - line->at) < length || memcmp(line->at, prefix, length) != 0) {
        return false;
    }
    line->at += length;
    return true;
}

static void skip_blanks(struct text *line)
{
    while (line->at < line->end && is_blank(*line->at)) line->at++;
}

static void skip_word(struct text *line)
{
    while (line->at < line->end && !is_blank(*line->at)) line->at++;
}

static uint64_t times(uint64_t value, uint64_t factor)
{
    return value > INT64_MAX / factor ? INT64_MAX : value * factor;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static bool number(struct text *line, uint64_t *value)
{
    skip_blanks(line);
    if (line->at == line->end || !is_digit(*line->at)) return false;
    *value = 0;
    while (line->at < line->end && is_digit(*line->at)) {
        *value = plus(times(*value, 10), (uint64_t)(*line->at++ - '0'));
    }
    return true;
}

bool procfs_number(const char *text, size_t n, uint64_t *value)
{
    return number(&(struct text){text, text + n}, value);
}

bool procfs_meminfo(const char *text, size_t n, struct stats *stats)
{
    static const char *const names[] = {
        "MemTotal:", "MemFree:", "MemAvailable:", "SwapTotal:", "SwapFree:"};
    uint64_t *const into[] = {&stats->total, &stats->free, &stats->available, &stats->swap_total,
                              &stats->swap_free};
    struct text rest = {text, text + n}, line;
    bool total = false, available = false;
    while (next_line(&rest, &line)) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            struct text field = line;
            uint64_t kib;
            if (!take(&field, names[i]) || !number(&field, &kib) || !take(&field, " kB")) continue;
            *into[i] = times(kib, 1024);
            total |= i == 0;
            available |= i == 2;
        }
    }
    return total && available;
}

/* "12.34" into 1234; the kernel always prints two decimals. */
static bool centi(struct text *line, uint64_t *value)
{
    uint64_t whole;
    if (!number(line, &whole) || line->end - line->at < 3 || line->at[0] != '.') return false;
    if (!is_digit(line->at[1]) || !is_digit(line->at[2])) return false;
    *value = plus(times(whole, 100), (uint64_t)((line->at[1] - '0') * 10 + line->at[2] - '0'));
    return true;
}

static uint64_t pressure_total(struct text line)
{
    uint64_t micros = 0;
    while (line.at < line.end) {
        skip_blanks(&line);
        if (take(&line, "total=")) return number(&line, &micros) ? micros : 0;
        skip_word(&line);
    }
    return 0;
}

bool procfs_pressure(const char *text, size_t n, struct stats *stats)
{
    struct text rest = {text, text + n}, line;
    stats->pressure_some_centipercent = -1;
    stats->pressure_some_micros = 0;
    stats->pressure_full_micros = 0;
    while (next_line(&rest, &line)) {
        uint64_t average;
        if (take(&line, "some avg10=")) {
            if (!centi(&line, &average) || average > 10000) continue;
            stats->pressure_some_centipercent = (int64_t)average;
            stats->pressure_some_micros = pressure_total(line);
        } else if (take(&line, "full avg10=")) {
            stats->pressure_full_micros = pressure_total(line);
        }
    }
    return stats->pressure_some_centipercent >= 0;
}

bool procfs_vmstat(const char *text, size_t n, struct stats *stats)
{
    struct text rest = {text, text + n}, line;
    bool refaults = false;
    stats->refaults = 0;
    while (next_line(&rest, &line)) {
        uint64_t value;
        if (take(&line, "pgmajfault ")) {
            if (number(&line, &value)) stats->major_faults = value;
        } else if (take(&line, "pswpin ")) {
            if (number(&line, &value)) stats->pages_swapped_in = value;
        } else if (take(&line, "pswpout ")) {
            if (number(&line, &value)) stats->pages_swapped_out = value;
        } else if (take(&line, "workingset_refault_anon ") ||
                   take(&line, "workingset_refault_file ") ||
                   take(&line, "workingset_refault ")) { /* one counter before Linux 5.9 */
            if (!number(&line, &value)) continue;
            stats->refaults = plus(stats->refaults, value);
            refaults = true;
        }
    }
    return refaults;
}

bool procfs_swap_used(const char *text, size_t n, const char *device, uint64_t *bytes)
{
    struct text rest = {text, text + n}, line;
    while (next_line(&rest, &line)) {
        uint64_t size, used;
        if (!take(&line, device) || line.at == line.end || !is_blank(*line.at)) continue;
        skip_blanks(&line);
        skip_word(&line); /* the kind: partition or file */
        if (!number(&line, &size) || !number(&line, &used)) continue;
        *bytes = times(used, 1024);
        return true;
    }
    return false;
}

static int hex_digit(char c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool procfs_boot_id(const char *text, size_t n, uint8_t id[16])
{
    size_t digits = 0;
    memset(id, 0, 16);
    for (size_t i = 0; i < n && text[i] != '\n'; i++) {
        if (text[i] == '-') continue;
        int digit = hex_digit(text[i]);
        if (digit < 0 || digits == 32) return false;
        id[digits / 2] = (uint8_t)(id[digits / 2] << 4 | digit);
        digits++;
    }
    return digits == 32;
}
