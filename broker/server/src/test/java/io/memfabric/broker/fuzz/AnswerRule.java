package io.memfabric.broker.fuzz;

import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.OpenApi;
import io.memfabric.broker.testbed.SchemaCheck;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What an answer has to be, whatever was asked.
final class AnswerRule {

    private final OpenApi api;

    AnswerRule(OpenApi api) {
        this.api = api;
    }

    /// What is wrong with an answer; nothing where it is in order.
    List<String> errors(ForgedRequest request, RawHttp.Answer answer) {
        if (answer.status() >= 400) {
            return request.method().equals("HEAD") ? List.of() : problem(request, answer);
        }
        return request.plain() ? success(request, answer) : List.of();
    }

    private List<String> problem(ForgedRequest request, RawHttp.Answer answer) {
        // Which parts the framework's own health answer has is not the API's to say.
        if (answer.status() == 404 && request.head().getFirst().contains(" /actuator/")) {
            return List.of();
        }
        if (!answer.type().equals("application/problem+json")) {
            return List.of(answer.status() + " is of type " + answer.type());
        }
        JsonNode body;
        try {
            body = Http.JSON.readTree(answer.body());
        } catch (JacksonException e) {
            return List.of(answer.status() + " is not JSON: " + answer.text());
        }
        List<String> errors = new ArrayList<>(SchemaCheck.errors(api, api.schema("Problem"), body));
        if (body.path("status").asInt() != answer.status()) {
            errors.add(answer.status() + " says that it is " + body.path("status"));
        }
        boolean may = body.path("code").asString("").equals("ledger_recovering");
        if (answer.status() >= 500 && !may) {
            errors.add("the broker failed: " + body);
        }
        if (body.path("detail")
                .asString("")
                .matches("(?s).*(io\\.memfabric|java\\.|Exception).*")) {
            errors.add("the answer tells of the broker's inside: " + body);
        }
        JsonNode responses = api.operation(request.route()).path("responses");
        if (request.plain()
                && !responses.has(Integer.toString(answer.status()))
                && !responses.has("default")) {
            errors.add(answer.status() + " is not written down: " + body);
        }
        return errors;
    }

    private List<String> success(ForgedRequest request, RawHttp.Answer answer) {
        JsonNode written =
                api.operation(request.route())
                        .path("responses")
                        .path(Integer.toString(answer.status()));
        if (written.isMissingNode()) {
            return List.of(answer.status() + " is not written down");
        }
        JsonNode content = api.resolve(written).path("content");
        if (content.isEmpty()) {
            return answer.body().length == 0 ? List.of() : List.of(answer.status() + " has a body");
        }
        if (!content.has(answer.type())) {
            return List.of(answer.status() + " is of type " + answer.type());
        }
        return answer.type().equals("application/json")
                ? SchemaCheck.errors(
                        api,
                        content.get(answer.type()).get("schema"),
                        Http.JSON.readTree(answer.body()))
                : List.of();
    }
}
