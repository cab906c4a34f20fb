package io.memfabric.client.ctl;

import io.memfabric.client.FabricException;
import io.memfabric.client.Profile;
import io.memfabric.client.RestConnection;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// The options that every command has: which broker, and how to print.
final class Session {

    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "a broker of the profiles file; see 'profiles'")
    @Nullable String profile;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "the broker's address; MEMFABRIC_URL without it")
    @Nullable String url;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "the file with the token; MEMFABRIC_TOKEN or MEMFABRIC_TOKEN_FILE without it")
    @Nullable Path tokenFile;

    @Option(
            names = "--authority",
            paramLabel = "FILE",
            description = "PEM file with the certificates that sign the broker's")
    @Nullable Path authority;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "TABLE",
            description = "table, json or yaml (table)")
    Output output = Output.TABLE;

    @Option(
            names = {"-w", "--watch"},
            paramLabel = "SECONDS",
            arity = "0..1",
            fallbackValue = "2",
            description = "print again and again until Ctrl-C")
    @Nullable Integer watch;

    RestConnection connect() {
        return new RestConnection(choose(System.getenv()));
    }

    private Profile choose(Map<String, String> environment) {
        Profiles profiles = new Profiles(environment);
        String address = url != null ? url : environment.get("MEMFABRIC_URL");
        String name = profile != null ? profile : address == null ? profiles.standard() : null;
        if (name != null) {
            return profiles.named(name);
        }
        if (address == null) {
            throw new FabricException(
                    "broker_unknown",
                    0,
                    false,
                    "name a broker with --url, MEMFABRIC_URL or a profile in " + profiles.file());
        }
        Profile found =
                tokenFile == null
                        ? Profile.ofEnvironment(address)
                        : new Profile(
                                Profile.address(address),
                                Profile.readToken(tokenFile),
                                Optional.empty());
        return authority == null
                ? found
                : new Profile(found.url(), found.token(), Optional.of(authority));
    }

    /// Something that can be printed once, or again and again.
    interface Printed {
        void print(RestConnection rest, PrintWriter out);
    }

    /// Prints once, or as often as `--watch` says.
    int print(PrintWriter out, Printed what) {
        try (RestConnection rest = connect()) {
            while (true) {
                if (watch != null) {
                    out.print(CLEAR_SCREEN);
                }
                what.print(rest, out);
                out.flush();
                if (watch == null) {
                    return ExitCode.OK;
                }
                Thread.sleep(Duration.ofSeconds(Math.max(1, watch)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.OK;
        } catch (FabricException e) {
            // Whoever watches may be stopped while he asks as well as between two questions.
            if (watch != null && Thread.currentThread().isInterrupted()) {
                return ExitCode.OK;
            }
            throw e;
        }
    }

    void one(PrintWriter out, List<Column> columns, JsonNode resource) {
        output.one(out, columns, resource);
    }

    void many(PrintWriter out, List<Column> columns, List<JsonNode> resources) {
        output.many(out, columns, resources);
    }

    /// The id of a resource that a person called by its name or its id.
    static String idOf(RestConnection rest, Resource resource, String nameOrId) {
        if (isId(nameOrId)) {
            return nameOrId;
        }
        Map<String, @Nullable Object> query = new LinkedHashMap<>();
        query.put("pageSize", 200);
        query.put("name", resource.filters().contains("name") ? nameOrId : null);
        List<JsonNode> found =
                rest.list(resource.path() + RestConnection.query(query))
                        .filter(r -> nameOrId.equals(r.at(resource.name()).asString("")))
                        .limit(2)
                        .toList();
        if (found.size() == 1) {
            return found.getFirst().path("id").asString();
        }
        throw found.isEmpty()
                ? new FabricException(
                        "not_found",
                        404,
                        false,
                        "none of the " + resource.plural() + " is " + nameOrId)
                : new FabricException(
                        "ambiguous",
                        409,
                        false,
                        "several of the "
                                + resource.plural()
                                + " are called "
                                + nameOrId
                                + ": use the id");
    }

    private static boolean isId(String text) {
        try {
            return UUID.fromString(text).toString().equalsIgnoreCase(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
