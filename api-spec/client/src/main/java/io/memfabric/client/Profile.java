package io.memfabric.client;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where a broker is and who we are there.
///
/// @param url of the broker, with scheme; a path of its own is kept
/// @param token an API token or a JWT
/// @param authority a PEM file with the certificates that sign the broker's; without it those of the
///     JVM do
public record Profile(URI url, String token, Optional<Path> authority) {

    /// The variable of the environment that has the token.
    public static final String TOKEN = "MEMFABRIC_TOKEN";

    /// The variable that names a file with the token, where [#TOKEN] is not set.
    public static final String TOKEN_FILE = "MEMFABRIC_TOKEN_FILE";

    /// The variable that names the PEM file of the broker's authority.
    public static final String AUTHORITY = "MEMFABRIC_AUTHORITY";

    public Profile {
        String scheme = String.valueOf(url.getScheme());
        if (!(scheme.equals("http") || scheme.equals("https")) || url.getHost() == null) {
            throw new FabricException(
                    "invalid_url", 0, false, "not the address of a broker: " + url);
        }
        if (token.isBlank() || !token.equals(token.strip())) {
            throw new FabricException("invalid_token", 0, false, "the token is empty or padded");
        }
    }

    /// A broker at this address, with the token of the environment.
    public static Profile ofEnvironment(String url) {
        return of(url, System.getenv());
    }

    static Profile of(String url, Map<String, String> environment) {
        String token = environment.get(TOKEN);
        String file = environment.get(TOKEN_FILE);
        if (token == null && file == null) {
            throw new FabricException(
                    "token_missing", 0, false, "set " + TOKEN + " or " + TOKEN_FILE);
        }
        return new Profile(
                address(url),
                token != null ? token.strip() : readToken(Path.of(String.valueOf(file))),
                Optional.ofNullable(environment.get(AUTHORITY)).map(Path::of));
    }

    /// The address in a text.
    public static URI address(String url) {
        try {
            return URI.create(url.strip());
        } catch (IllegalArgumentException e) {
            throw new FabricException(
                    "invalid_url", 0, false, "not the address of a broker: " + url);
        }
    }

    /// The token in a file.
    public static String readToken(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new FabricException(
                    "token_unreadable", 0, false, "the token in " + file + " cannot be read: " + e);
        }
    }
}
