package io.memfabric.broker.web;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Which fields of an item a caller wants, as `fields=id,status.state` names them. A field that is
/// named is there with everything in it; a way through a list goes through each of its entries.
final class FieldMask {

    private static final int MOST = 64;

    private final Map<String, FieldMask> parts = new HashMap<>();
    private boolean whole;

    private FieldMask() {}

    /// Reads a mask of items of a type. Every field must be one that the type has: a field that is
    /// written wrong would otherwise look like one that is absent.
    static FieldMask parse(String fields, ResolvableType item) {
        List<String> paths = List.of(fields.split(",", -1));
        if (paths.size() > MOST) {
            throw invalid("fields names more than " + MOST + " fields.");
        }
        FieldMask mask = new FieldMask();
        for (String path : paths) {
            mask.add(path, item);
        }
        return mask;
    }

    private void add(String path, ResolvableType item) {
        FieldMask at = this;
        ResolvableType type = item;
        for (String name : path.split("\\.", -1)) {
            type = component(type, name);
            if (type == null) {
                throw invalid("No item of this list has a field '" + path + "'.");
            }
            at = at.parts.computeIfAbsent(name, _ -> new FieldMask());
        }
        at.whole = true;
    }

    /// The type of a field of a record, or of the records in a list.
    private static @Nullable ResolvableType component(ResolvableType type, String name) {
        ResolvableType holder = type;
        while (Collection.class.isAssignableFrom(holder.toClass())) {
            holder = holder.as(Collection.class).getGeneric(0);
        }
        RecordComponent[] components = holder.toClass().getRecordComponents();
        return components == null
                ? null
                : Arrays.stream(components)
                        .filter(each -> each.getName().equals(name))
                        .findFirst()
                        .map(each -> ResolvableType.forMethodReturnType(each.getAccessor()))
                        .orElse(null);
    }

    /// Takes from an item what is not wanted.
    void apply(JsonNode item) {
        if (whole) {
            return;
        }
        if (item instanceof ArrayNode entries) {
            entries.forEach(this::apply);
        }
        if (item instanceof ObjectNode object) {
            object.retain(parts.keySet());
            parts.forEach((name, mask) -> mask.apply(object.path(name)));
        }
    }

    private static Problem invalid(String detail) {
        return new Problem(ProblemCode.INVALID_FIELDS, detail);
    }
}
