package io.memfabric.broker.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.springframework.stereotype.Component;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The contract, `openapi/broker.yaml`, as it was built into this broker.
@Component
public class ApiDocument {

    private static final String FILE = "/io/memfabric/contract/openapi/broker.yaml";

    private final byte[] text;
    private final JsonNode tree;

    ApiDocument(JsonMapper json) {
        try (InputStream in = ApiDocument.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException("the contract is not in this build");
            }
            text = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Object loaded =
                new Yaml(new SafeConstructor(new LoaderOptions()))
                        .load(new String(text, StandardCharsets.UTF_8));
        tree = json.valueToTree(loaded);
    }

    /// The document as a tree.
    public JsonNode tree() {
        return tree;
    }

    /// The document as it is written, in YAML.
    public byte[] yaml() {
        return text.clone();
    }
}
