package io.memfabric.rdma.inside;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The connected queue pairs of a VM by their numbers, as `rdma resource show qp` tells of them.
///
/// @param byNumber the number of the peer's, and the sequence number of the next request that it takes
record QueuePairs(Map<Integer, Connected> byNumber) {

    private static final String CONNECTED = " type RC state RTS ";

    record Connected(int peer, int next) {}

    /// As the tool prints it, in one line.
    static String shown() throws IOException {
        Process tool = new ProcessBuilder("rdma", "resource", "show", "qp").start();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        return said.strip().replace('\n', '|');
    }

    static QueuePairs parse(String shown) {
        Map<Integer, Connected> found = new HashMap<>();
        for (String line : shown.split("\\|", -1)) {
            if (line.contains(CONNECTED)) {
                found.put(
                        number("lqpn", line),
                        new Connected(number("rqpn", line), number("rq-psn", line)));
            }
        }
        return new QueuePairs(found);
    }

    private static int number(String word, String line) {
        Matcher found = Pattern.compile("\\b" + word + " (\\d+)").matcher(line);
        if (!found.find()) {
            throw new IllegalArgumentException("no " + word + " in " + line);
        }
        return Integer.parseInt(found.group(1));
    }

    /// The one that was not there before.
    Connected newSince(QueuePairs before) throws IOException {
        return byNumber.entrySet().stream()
                .filter(entry -> !before.byNumber().containsKey(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new IOException("no new queue pair in " + byNumber));
    }

    Connected numbered(int number) throws IOException {
        Connected found = byNumber.get(number);
        if (found == null) {
            throw new IOException("no queue pair " + number + " in " + byNumber);
        }
        return found;
    }
}
