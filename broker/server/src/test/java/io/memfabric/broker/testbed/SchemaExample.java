package io.memfabric.broker.testbed;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// Makes a value that a schema allows: with every property, the smallest numbers, the first of an
/// enumeration, and identities of things that are there.
public final class SchemaExample {

    private final OpenApi api;
    private final Map<String, String> ids;

    public SchemaExample(OpenApi api, Map<String, String> ids) {
        this.api = api;
        this.ids = ids;
    }

    public Object of(JsonNode schema) {
        return of("", schema);
    }

    private Object of(String name, JsonNode reference) {
        JsonNode schema = api.resolve(reference);
        if (schema.has("enum")) {
            return schema.get("enum").get(0).asString();
        }
        if (schema.has("allOf")) {
            Map<String, Object> all = new LinkedHashMap<>();
            for (JsonNode part : schema.get("allOf")) {
                if (of(name, part) instanceof Map<?, ?> map) {
                    map.forEach((key, value) -> all.put(String.valueOf(key), value));
                }
            }
            return all;
        }
        return switch (type(schema)) {
            case "object" -> object(schema);
            case "array" -> array(name, schema);
            // The least rate would leave nothing for the rest of the walk.
            case "integer", "number" ->
                    name.endsWith("PerSecond")
                            ? schema.path("maximum").asLong(1000)
                            : Math.max(1, schema.path("minimum").asLong(1));
            case "boolean" -> true;
            default -> text(name, schema);
        };
    }

    private static String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        return type.isArray() ? type.get(0).asString() : type.asString("object");
    }

    private Map<String, Object> object(JsonNode schema) {
        Map<String, Object> made = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            made.put(property.getKey(), of(property.getKey(), property.getValue()));
        }
        return made;
    }

    private List<Object> array(String name, JsonNode schema) {
        if (name.equals("scopes")) {
            return List.of();
        }
        List<Object> made = new ArrayList<>();
        made.add(of(name, schema.get("items")));
        return made;
    }

    private String text(String name, JsonNode schema) {
        String format = schema.path("format").asString("");
        return switch (format) {
            case "uuid" -> id(name);
            case "date-time" -> "2100-01-01T00:00:00Z";
            case "uri" -> "http://127.0.0.1:9/";
            default -> name.equals("types") ? "no_such_event" : "n" + unique();
        };
    }

    private String id(String name) {
        String collection = name.replaceAll("Id$", "").toLowerCase(Locale.ROOT) + "s";
        return ids.getOrDefault(collection, UUID.randomUUID().toString());
    }

    private static String unique() {
        return UUID.randomUUID().toString().replace("-", "").substring(0, 12);
    }
}
