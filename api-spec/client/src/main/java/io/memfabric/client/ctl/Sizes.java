package io.memfabric.client.ctl;

import io.memfabric.contract.vocabulary.MemorySize;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads a size such as `10GiB`, `512 MiB` or a number of bytes.
final class Sizes implements ITypeConverter<MemorySize> {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*(|b|kib|mib|gib|tib)");

    @Override
    public MemorySize convert(String text) {
        Matcher size = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!size.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no size: 10GiB, 512MiB, 64KiB or a number of bytes");
        }
        try {
            long number = Long.parseLong(size.group(1));
            return switch (size.group(2)) {
                case "kib" -> MemorySize.ofKib(number);
                case "mib" -> MemorySize.ofMib(number);
                case "gib" -> MemorySize.ofGib(number);
                case "tib" -> MemorySize.ofGib(Math.multiplyExact(number, 1024L));
                default -> MemorySize.ofBytes(number);
            };
        } catch (ArithmeticException e) {
            throw new TypeConversionException("'" + text + "' is too large");
        }
    }
}
