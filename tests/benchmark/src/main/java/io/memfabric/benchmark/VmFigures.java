package io.memfabric.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Figures that the lab measured inside a VM and wrote down.
final class VmFigures {

    private VmFigures() {}

    static List<Figure> read(Path file) throws IOException {
        List<Figure> figures = new ArrayList<>();
        JsonNode all =
                JsonMapper.builder().build().readTree(Files.readString(file)).path("figures");
        for (JsonNode one : all) {
            figures.add(
                    Figure.measured(
                            one.path("name").asString(),
                            one.path("unit").asString(),
                            new Figure.Measured(
                                    one.path("value").asDouble(),
                                    one.path("n").asInt(),
                                    one.path("min").asDouble(),
                                    one.path("max").asDouble())));
        }
        return figures;
    }
}
