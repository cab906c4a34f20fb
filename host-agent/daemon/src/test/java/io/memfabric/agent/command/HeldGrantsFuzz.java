package io.memfabric.agent.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whatever lies in the file of held grants: it is understood or refused, and what is understood is
/// written and read again as the same.
public final class HeldGrantsFuzz {

    private static final Path FILE = file();

    private HeldGrantsFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Files.write(FILE, input);
        HeldGrants held;
        try {
            held = HeldGrants.load(FILE);
        } catch (IOException e) {
            return;
        }
        for (HeldGrant grant : held.all()) {
            held.put(grant);
        }
        if (!HeldGrants.load(FILE).all().equals(held.all())) {
            throw new AssertionError("written and read again it is something else");
        }
    }

    private static Path file() {
        try {
            Path file = Files.createTempFile("held-grants", ".json");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
