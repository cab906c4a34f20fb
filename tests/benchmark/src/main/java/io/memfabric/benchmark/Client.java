package io.memfabric.benchmark;

import java.io.IOException;
import java.util.List;

/// The lean client in C.
///
/// @param cpu the processor to which it is pinned
record Client(int cpu) {

    /// Writes the whole device once, so that no server answers from memory that it never got.
    void fill(Server server) throws IOException, InterruptedException {
        run(server, List.of("fill"));
    }

    Sample measure(Server server, Load load, double seconds)
            throws IOException, InterruptedException {
        double before = server.cpuSeconds();
        String[] fields =
                run(
                                server,
                                List.of(
                                        load.sequential() ? "sequential" : "random",
                                        Integer.toString(load.block()),
                                        Integer.toString(load.depth()),
                                        Integer.toString(load.readPercent()),
                                        Double.toString(seconds)))
                        .split(" ", -1);
        return new Sample(
                Double.parseDouble(fields[0]),
                Double.parseDouble(fields[1]),
                Double.parseDouble(fields[2]),
                Double.parseDouble(fields[3]),
                Double.parseDouble(fields[4]),
                server.cpuSeconds() - before);
    }

    private String run(Server server, List<String> load) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>();
        command.add(Tools.program("bench-client"));
        command.add("unix:" + server.socket());
        command.add(server.export());
        command.addAll(load);
        return Tools.run(Tools.pinned(cpu, command));
    }
}
