package io.memfabric.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// What the command line knows of resources stands in `broker.yaml`.
final class DocumentTest {

    private static final JsonNode API = read();

    static List<Resource> resources() {
        return Resources.ALL;
    }

    @ParameterizedTest
    @MethodSource("resources")
    void everyColumnIsAPropertyOfTheResource(Resource resource) {
        JsonNode item = property(ok(resource.path()), "items").path("items");
        for (Column column : resource.columns()) {
            assertThat(at(item, column.pointer()).isMissingNode())
                    .as("%s of %s", column.pointer(), resource.plural())
                    .isFalse();
        }
    }

    @Test
    void everyColumnOfTheHistoryIsAProperty() {
        JsonNode point = property(ok("/api/v1/capacity/history"), "points").path("items");
        for (Column column : Resources.CAPACITY_HISTORY) {
            assertThat(at(point, column.pointer()).isMissingNode()).as(column.pointer()).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("resources")
    void everyFilterIsAParameterOfTheList(Resource resource) {
        List<String> parameters =
                API.path("paths")
                        .path(resource.path())
                        .path("get")
                        .path("parameters")
                        .valueStream()
                        .map(p -> resolve(p).path("name").asString(""))
                        .toList();
        assertThat(parameters).containsAll(resource.filters()).contains("pageSize");
    }

    private static JsonNode ok(String path) {
        JsonNode schema =
                API.path("paths")
                        .path(path)
                        .path("get")
                        .path("responses")
                        .path("200")
                        .path("content")
                        .path("application/json")
                        .path("schema");
        assertThat(schema.isMissingNode()).as(path).isFalse();
        return schema;
    }

    private static JsonNode at(JsonNode schema, String pointer) {
        JsonNode found = schema;
        for (String name : pointer.substring(1).split("/", -1)) {
            found = property(found, name);
        }
        return found;
    }

    /// The schema of a property, through references and combinations.
    private static JsonNode property(JsonNode schema, String name) {
        JsonNode resolved = resolve(schema);
        JsonNode direct = resolved.path("properties").path(name);
        if (!direct.isMissingNode()) {
            return direct;
        }
        for (String combination : List.of("allOf", "oneOf", "anyOf")) {
            for (JsonNode part : resolved.path(combination)) {
                JsonNode found = property(part, name);
                if (!found.isMissingNode()) {
                    return found;
                }
            }
        }
        return direct;
    }

    private static JsonNode resolve(JsonNode node) {
        String reference = node.path("$ref").asString("");
        return reference.isEmpty() ? node : API.at(reference.substring(1));
    }

    private static JsonNode read() {
        try {
            return new YAMLMapper().readTree(Files.readString(document()));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Path document() {
        Path module = Path.of("").toAbsolutePath();
        while (!Files.exists(module.resolve("api-spec/openapi/broker.yaml"))) {
            module = java.util.Objects.requireNonNull(module.getParent(), "not in the repository");
        }
        return module.resolve("api-spec/openapi/broker.yaml");
    }
}
