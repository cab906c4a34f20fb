package io.memfabric.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What real agents took to give 1 GiB back to a lender's host, as `RecallIT` of the system tests
/// measured it in this run and left it in `target/bench/recall`.
final class RecallBench {

    private RecallBench() {}

    static List<Figure> run(Path root) throws IOException {
        JsonNode mirrored = read(root, "recall.mirrored_1gib_s");
        JsonNode moved = read(root, "recall.moved_1gib_s");
        return List.of(
                Figure.below("recall.mirrored_1gib_s", "s", 1, seconds(mirrored)),
                Figure.below("recall.moved_1gib_s", "s", 5, seconds(moved)),
                Figure.never(
                        "recall.io_errors", "errors", 0, List.of(errors(mirrored), errors(moved))));
    }

    private static JsonNode read(Path root, String figure) throws IOException {
        Path file = root.resolve("target/bench/recall").resolve(figure + ".json");
        if (!Files.exists(file)) {
            throw new IOException("there is no " + file + ": RecallIT was not run");
        }
        return Rest.JSON.readTree(Files.readAllBytes(file));
    }

    private static List<Double> seconds(JsonNode measured) {
        List<Double> rounds = new ArrayList<>();
        measured.required("seconds").forEach(round -> rounds.add(round.asDouble()));
        return rounds;
    }

    private static double errors(JsonNode measured) {
        return measured.required("ioErrors").asDouble();
    }
}
