package io.memfabric.broker.testbed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// Holds a JSON value against a schema: the keywords that the contract uses, and stricter than JSON
/// Schema in one point: a property that no schema names is an error.
public final class SchemaCheck {

    private final OpenApi api;
    private final List<String> errors = new ArrayList<>();

    private SchemaCheck(OpenApi api) {
        this.api = api;
    }

    public static List<String> errors(OpenApi api, JsonNode schema, JsonNode value) {
        SchemaCheck check = new SchemaCheck(api);
        check.check(schema, value, "$");
        return check.errors;
    }

    private void check(JsonNode reference, JsonNode value, String at) {
        JsonNode schema = api.resolve(reference);
        if (schema.has("oneOf")) {
            oneOf(schema.get("oneOf"), value, at);
            return;
        }
        checkType(schema, value, at);
        if (schema.has("enum") && !contains(schema.get("enum"), value)) {
            errors.add(at + " is not one of " + schema.get("enum"));
        }
        if (schema.has("const") && !schema.get("const").equals(value)) {
            errors.add(at + " is not " + schema.get("const"));
        }
        if (value.isObject()) {
            checkObject(schema, value, at);
        }
        if (value.isArray() && schema.has("items")) {
            for (int i = 0; i < value.size(); i++) {
                check(schema.get("items"), value.get(i), at + "[" + i + "]");
            }
        }
    }

    private void oneOf(JsonNode choices, JsonNode value, String at) {
        for (JsonNode choice : choices) {
            if (errors(api, choice, value).isEmpty()) {
                return;
            }
        }
        errors.add(at + " fits none of its schemas");
    }

    private void checkType(JsonNode schema, JsonNode value, String at) {
        JsonNode type = schema.get("type");
        if (type == null) {
            return;
        }
        boolean fits =
                type.isArray()
                        ? type.values().stream().anyMatch(t -> is(t, value))
                        : is(type, value);
        if (!fits) {
            errors.add(at + " is not of type " + type + ": " + value);
        }
    }

    private static boolean is(JsonNode type, JsonNode value) {
        return switch (type.asString()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> false;
        };
    }

    private static boolean contains(JsonNode list, JsonNode value) {
        return list.values().stream().anyMatch(value::equals);
    }

    private void checkObject(JsonNode schema, JsonNode value, String at) {
        List<JsonNode> parts = new ArrayList<>();
        collect(schema, parts);
        TreeSet<String> unknown = new TreeSet<>(value.propertyNames());
        for (JsonNode part : parts) {
            part.path("required")
                    .forEach(
                            name -> {
                                if (!value.has(name.asString())) {
                                    errors.add(at + "." + name.asString() + " is missing");
                                }
                            });
            for (Map.Entry<String, JsonNode> property : part.path("properties").properties()) {
                unknown.remove(property.getKey());
                if (value.has(property.getKey())) {
                    check(
                            property.getValue(),
                            value.get(property.getKey()),
                            at + "." + property.getKey());
                }
            }
        }
        if (!unknown.isEmpty()) {
            errors.add(at + " has properties that no schema names: " + unknown);
        }
    }

    private void collect(JsonNode reference, List<JsonNode> parts) {
        JsonNode schema = api.resolve(reference);
        parts.add(schema);
        schema.path("allOf").forEach(part -> collect(part, parts));
    }
}
