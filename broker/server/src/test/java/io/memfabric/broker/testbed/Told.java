package io.memfabric.broker.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a test tells by name, besides that it passed: the summary of a test run prints it.
public final class Told {

    private Told() {}

    /// Keeps a line for the summary.
    ///
    /// @param name one word; a later line of the same name takes the place of an earlier one
    public static void tell(String name, String line) throws IOException {
        Path folder = Files.createDirectories(Path.of("target/told"));
        Files.writeString(folder.resolve(name + ".txt"), name + ": " + line + "\n");
    }
}
