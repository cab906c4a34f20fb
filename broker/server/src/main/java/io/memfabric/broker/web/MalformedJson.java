package io.memfabric.broker.web;

import org.springframework.http.converter.HttpMessageNotReadableException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/// Says what is wrong with a body without repeating names of classes.
final class MalformedJson {

    private MalformedJson() {}

    static String explain(HttpMessageNotReadableException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            switch (cause) {
                case UnrecognizedPropertyException unknown -> {
                    return "The field " + path(unknown) + " is unknown.";
                }
                case StreamReadException syntax -> {
                    return "The body is not JSON: " + syntax.getOriginalMessage();
                }
                case IllegalArgumentException bad when bad.getMessage() != null -> {
                    return "The body is not acceptable: " + bad.getMessage();
                }
                case JacksonException mapping when !mapping.getPath().isEmpty() -> {
                    if (!(mapping.getCause() instanceof IllegalArgumentException)) {
                        return "The field " + path(mapping) + " has a value of the wrong kind.";
                    }
                }
                default -> {}
            }
        }
        return "The body is missing or not acceptable.";
    }

    private static String path(JacksonException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : e.getPath()) {
            if (step.getPropertyName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        return path.toString();
    }
}
