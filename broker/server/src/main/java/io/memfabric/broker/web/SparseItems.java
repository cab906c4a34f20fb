package io.memfabric.broker.web;

import java.lang.reflect.Executable;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `fields` on whatever answers a page: its items have only the fields that are named. A controller
/// need not know of it; its page may be the answer or a part of it.
@RestControllerAdvice
class SparseItems implements ResponseBodyAdvice<Object> {

    private final JsonMapper json;

    /// Of each controller's method; what a type is made of is slow to ask for with every answer.
    private final ConcurrentHashMap<Executable, Optional<Place>> places = new ConcurrentHashMap<>();

    SparseItems(JsonMapper json) {
        this.json = json;
    }

    /// Where a page is in an answer.
    ///
    /// @param name of the part of the answer; empty where the page is the answer
    private record Place(String name, ResolvableType item) {}

    private Optional<Place> place(MethodParameter method) {
        return places.computeIfAbsent(method.getExecutable(), _ -> find(method));
    }

    private static Optional<Place> find(MethodParameter method) {
        ResolvableType type = ResolvableType.forMethodParameter(method);
        if (type.toClass() == Page.class) {
            return Optional.of(new Place("", type.getGeneric(0)));
        }
        RecordComponent[] components = type.toClass().getRecordComponents();
        return Arrays.stream(components == null ? new RecordComponent[0] : components)
                .filter(each -> each.getType() == Page.class)
                .findFirst()
                .map(
                        each ->
                                new Place(
                                        each.getName(),
                                        ResolvableType.forMethodReturnType(each.getAccessor())
                                                .getGeneric(0)));
    }

    @Override
    public boolean supports(
            MethodParameter method, Class<? extends HttpMessageConverter<?>> converter) {
        return place(method).isPresent();
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object body,
            MethodParameter method,
            MediaType type,
            Class<? extends HttpMessageConverter<?>> converter,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        String fields =
                ((ServletServerHttpRequest) request).getServletRequest().getParameter("fields");
        if (fields == null) {
            return body;
        }
        Place place = place(method).orElseThrow();
        FieldMask mask = FieldMask.parse(fields, place.item());
        JsonNode answer = json.valueToTree(Objects.requireNonNull(body));
        JsonNode page = place.name().isEmpty() ? answer : answer.path(place.name());
        page.path("items").forEach(mask::apply);
        return answer;
    }
}
