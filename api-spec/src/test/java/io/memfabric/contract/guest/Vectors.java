package io.memfabric.contract.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/// The shared vectors of the guest channel: well-formed frames and refused ones, by name.
record Vectors(Map<String, byte[]> frames, Map<String, byte[]> refused) {

    private static final Path FILE = Path.of("wire", "vectors", "guest-channel.txt");

    static Vectors read() throws IOException {
        var lines =
                Files.readAllLines(FILE).stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .toList();
        return new Vectors(
                named(lines.stream().filter(line -> !line.startsWith("!")).toList()),
                named(
                        lines.stream()
                                .filter(line -> line.startsWith("!"))
                                .map(line -> line.substring(1))
                                .toList()));
    }

    private static Map<String, byte[]> named(Iterable<String> lines) {
        Map<String, byte[]> vectors = new LinkedHashMap<>();
        for (String line : lines) {
            int end = line.indexOf(' ');
            String name = end < 0 ? line : line.substring(0, end);
            String hex = end < 0 ? "" : line.substring(end + 1);
            vectors.put(name, HexFormat.of().parseHex(hex));
        }
        return vectors;
    }
}
