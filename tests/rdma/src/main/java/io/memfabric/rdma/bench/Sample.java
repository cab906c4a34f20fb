package io.memfabric.rdma.bench;

import java.util.List;

/// Ours and perftest's in one round.
record Sample(double ours, double theirs) {

    /// Those that the VMs printed as `SAMPLE name ours theirs`.
    static List<Sample> named(String name, List<String> lines) {
        return lines.stream()
                .map(line -> line.split(" ", -1))
                .filter(words -> words.length == 4 && words[0].equals("SAMPLE"))
                .filter(words -> words[1].equals(name))
                .map(words -> new Sample(number(words[2]), number(words[3])))
                .toList();
    }

    private static double number(String word) {
        return Double.parseDouble(word);
    }

    double ratio() {
        return ours / theirs;
    }
}
