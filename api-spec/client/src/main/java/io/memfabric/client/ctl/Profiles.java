package io.memfabric.client.ctl;

import io.memfabric.client.FabricException;
import io.memfabric.client.Profile;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The file with the brokers that an operator works with: for each profile `NAME.url`,
/// `NAME.token-file` and, where its certificate is not signed by a public authority,
/// `NAME.authority`; `default` names the one to use without `--profile`.
final class Profiles {

    private final Path file;
    private final Properties entries = new Properties();

    Profiles(Map<String, String> environment) {
        String home = environment.get("XDG_CONFIG_HOME");
        Path folder =
                home != null && !home.isBlank()
                        ? Path.of(home)
                        : Path.of(System.getProperty("user.home"), ".config");
        this.file = folder.resolve("memfabric/profiles.properties");
        if (Files.exists(file)) {
            try (Reader in = Files.newBufferedReader(file)) {
                entries.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new FabricException(
                        "profiles_unreadable", 0, false, file + " cannot be read: " + e);
            }
        }
    }

    Path file() {
        return file;
    }

    Iterable<String> names() {
        TreeSet<String> names = new TreeSet<>();
        for (String key : entries.stringPropertyNames()) {
            if (key.endsWith(".url")) {
                names.add(key.substring(0, key.length() - ".url".length()));
            }
        }
        return names;
    }

    @Nullable String standard() {
        return entries.getProperty("default");
    }

    /// What a profile says.
    Profile named(String name) {
        String url = entries.getProperty(name + ".url");
        String token = entries.getProperty(name + ".token-file");
        if (url == null || token == null) {
            throw new FabricException(
                    "profile_unknown",
                    0,
                    false,
                    file + " needs " + name + ".url and " + name + ".token-file");
        }
        return new Profile(
                Profile.address(url),
                Profile.readToken(Path.of(token)),
                Optional.ofNullable(entries.getProperty(name + ".authority")).map(Path::of));
    }
}
