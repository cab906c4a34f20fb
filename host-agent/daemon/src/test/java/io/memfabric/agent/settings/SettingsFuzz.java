package io.memfabric.agent.settings;

import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whatever stands in a settings file: settings, or one line that says why not.
public final class SettingsFuzz {

    private static final MemorySize HOST = MemorySize.ofGib(8);
    private static final Path FILE = file();

    private SettingsFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Files.write(FILE, input);
        try {
            AgentSettings settings = AgentSettings.load(FILE, HOST);
            if (settings.reserve().compareTo(HOST) >= 0 || settings.floor().compareTo(HOST) >= 0) {
                throw new AssertionError("took " + settings);
            }
        } catch (SettingsException e) {
            String line = String.valueOf(e.getMessage());
            if (line.isBlank() || line.contains("\n")) {
                throw new AssertionError("not one line: " + line, e);
            }
        }
    }

    private static Path file() {
        try {
            Path file = Files.createTempFile("settings", ".properties");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
