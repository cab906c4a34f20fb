package io.memfabric.client.ctl;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// A column of a table: what stands above it, and where in the resource its value lies.
///
/// @param pointer JSON pointer into the resource
record Column(String title, String pointer, Kind kind) {

    private static final BigDecimal GIB_HOUR = BigDecimal.valueOf((1L << 30) * 3600);

    private static final DateTimeFormatter LOCAL =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    enum Kind {
        TEXT,
        /// A whole number of bytes, shown in the largest unit that leaves it readable.
        BYTES,
        /// Bytes times seconds, shown as GiB times hours.
        BYTE_SECONDS,
        TIME
    }

    static Column text(String title, String pointer) {
        return new Column(title, pointer, Kind.TEXT);
    }

    static Column bytes(String title, String pointer) {
        return new Column(title, pointer, Kind.BYTES);
    }

    static Column byteSeconds(String title, String pointer) {
        return new Column(title, pointer, Kind.BYTE_SECONDS);
    }

    static Column time(String title, String pointer) {
        return new Column(title, pointer, Kind.TIME);
    }

    /// The value as a person reads it; `-` where there is none.
    String of(JsonNode resource) {
        JsonNode value = resource.at(pointer);
        if (value.isMissingNode() || value.isNull()) {
            return "-";
        }
        return switch (kind) {
            case TEXT -> plain(value.isValueNode() ? value.asString() : value.toString());
            case BYTES ->
                    value.isIntegralNumber() ? bytes(value.asLong()) : plain(value.toString());
            case BYTE_SECONDS ->
                    value.isIntegralNumber()
                            ? new BigDecimal(value.bigIntegerValue())
                                            .divide(GIB_HOUR, 3, RoundingMode.HALF_UP)
                                    + " GiB·h"
                            : plain(value.toString());
            case TIME -> time(value.asString());
        };
    }

    private static String bytes(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        double amount = bytes;
        while (amount >= 1024 && unit < units.length - 1) {
            amount /= 1024;
            unit++;
        }
        return amount == Math.rint(amount)
                ? String.format(Locale.ROOT, "%.0f %s", amount, units[unit])
                : String.format(Locale.ROOT, "%.1f %s", amount, units[unit]);
    }

    private static String time(String text) {
        try {
            return LOCAL.format(Instant.parse(text).atZone(ZoneId.systemDefault()));
        } catch (DateTimeParseException e) {
            return plain(text);
        }
    }

    /// A text without what could move a terminal's cursor or turn its letters around: names come
    /// from tenants.
    static String plain(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints()
                .forEach(
                        c -> {
                            int type = Character.getType(c);
                            if (type == Character.CONTROL
                                    || type == Character.FORMAT
                                    || type == Character.SURROGATE
                                    || type == Character.LINE_SEPARATOR
                                    || type == Character.PARAGRAPH_SEPARATOR) {
                                shown.append(String.format("\\u%04x", c));
                            } else {
                                shown.appendCodePoint(c);
                            }
                        });
        return shown.toString();
    }
}
