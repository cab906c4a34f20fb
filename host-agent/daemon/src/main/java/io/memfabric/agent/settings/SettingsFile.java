package io.memfabric.agent.settings;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// Reads a Java properties file and takes offence at keys that are unknown or given twice.
final class SettingsFile {

    private static final long MAX_BYTES = 64 * 1024;

    private SettingsFile() {}

    static Map<SettingsKey, String> read(Path file) throws SettingsException {
        StrictProperties raw = new StrictProperties();
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new SettingsException(file + " is larger than 64 KiB");
            }
            try (Reader in = Files.newBufferedReader(file)) {
                raw.load(in);
            }
        } catch (NoSuchFileException e) {
            throw new SettingsException(file + " does not exist");
        } catch (IOException | IllegalArgumentException e) {
            throw new SettingsException(file + " cannot be read: " + e.getMessage());
        }
        if (raw.repeated != null) {
            throw new SettingsException(raw.repeated + " is given twice");
        }
        Map<SettingsKey, String> values = new EnumMap<>(SettingsKey.class);
        for (String key : raw.stringPropertyNames().stream().sorted().toList()) {
            Optional<SettingsKey> known = SettingsKey.of(key);
            if (known.isEmpty()) {
                throw new SettingsException(
                        "unknown key "
                                + key
                                + SettingsKey.nearest(key)
                                        .map(meant -> "; did you mean " + meant.key() + "?")
                                        .orElse(""));
            }
            values.put(known.get(), raw.getProperty(key).strip());
        }
        return values;
    }

    /// A plain [Properties] lets the last of two equal keys win without a word.
    private static final class StrictProperties extends Properties {
        private static final long serialVersionUID = 1;
        private @Nullable Object repeated;

        @Override
        public synchronized @Nullable Object put(Object key, Object value) {
            if (containsKey(key)) {
                repeated = key;
            }
            return super.put(key, value);
        }
    }
}
