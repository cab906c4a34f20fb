package io.memfabric.rdma.inside;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the kernel holds for all processes of this VM, as `rdma resource show` counts it.
///
/// @param queuePairs those of the kernel itself with them
record VerbsCount(int domains, int queues, int queuePairs, int registrations) {

    private static final Pattern WORD = Pattern.compile("\\b(pd|cq|qp|mr) (\\d+)");

    static VerbsCount now() throws IOException {
        Process tool = new ProcessBuilder("rdma", "resource", "show").start();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        return parse(said);
    }

    static VerbsCount parse(String said) {
        int[] counts = new int[4];
        Matcher words = WORD.matcher(said);
        while (words.find()) {
            int count = Integer.parseInt(words.group(2));
            switch (words.group(1)) {
                case "pd" -> counts[0] = count;
                case "cq" -> counts[1] = count;
                case "qp" -> counts[2] = count;
                default -> counts[3] = count;
            }
        }
        return new VerbsCount(counts[0], counts[1], counts[2], counts[3]);
    }

    @Override
    public String toString() {
        return "pd %d cq %d qp %d mr %d".formatted(domains, queues, queuePairs, registrations);
    }
}
