package io.memfabric.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// Requests over two hops, beside the peers. Everything is pinned to one processor and the servers
/// take turns in every round; a ratio is taken within a round, and its median over the rounds
/// counts. Unpinned, what a virtual processor takes to wake up is all that would be seen.
final class DatapathBench {

    private static final double WARM_UP_SECONDS = 1.5;
    private static final int FIO_ROUNDS = 3;
    private static final Path RESULT = Path.of("target", "bench", "datapath.json");

    private final Options options;
    private final ServerRoom room;
    private final Client client;
    private final Map<Variant, Server> own = new EnumMap<>(Variant.class);
    private final Map<Peer, Server> peers = new EnumMap<>(Peer.class);
    private final List<Figure> figures = new ArrayList<>();

    private DatapathBench(Options options, Path folder) {
        this.options = options;
        this.room = new ServerRoom(folder, options.cpu());
        this.client = new Client(options.cpu());
    }

    /// Measures, prints the figures and writes them down.
    static void run(Options options) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("memfabric-bench");
        try {
            new DatapathBench(options, folder).measure();
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private void measure() throws IOException, InterruptedException {
        Thread ending = new Thread(this::stopServers);
        Runtime.getRuntime().addShutdownHook(ending);
        try {
            startServers();
            Footprint footprint = Footprint.begin(room, own);
            for (Load load : options.loads()) {
                compare(load);
            }
            figures.addAll(footprint.figures());
            seenByFio();
            wireFloor();
        } finally {
            stopServers();
        }
        if (options.vmFigures().isPresent()) {
            figures.addAll(VmFigures.read(options.vmFigures().get()));
        }
        Report report = Report.of(figures);
        report.print(options);
        report.write(RESULT);
        System.out.println("written to " + RESULT);
    }

    private void startServers() throws IOException, InterruptedException {
        for (Variant variant : options.variants()) {
            own.put(variant, room.own(variant));
            for (Peer peer : variant.peers()) {
                if (!peers.containsKey(peer)) {
                    peers.put(peer, room.peer(peer));
                }
            }
        }
        for (Server server : servers()) {
            client.fill(server);
        }
        for (Server server : own.values()) {
            for (Load load : options.loads()) {
                client.measure(server, load, WARM_UP_SECONDS);
            }
        }
    }

    private List<Server> servers() {
        return Stream.concat(own.values().stream(), peers.values().stream()).toList();
    }

    private void stopServers() {
        servers().forEach(Server::close);
    }

    private void compare(Load load) throws IOException, InterruptedException {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        for (int round = 0; round < options.rounds(); round++) {
            for (Server server : servers()) {
                samples.computeIfAbsent(server.name(), _ -> new ArrayList<>())
                        .add(client.measure(server, load, options.seconds()));
            }
        }
        samples.forEach(
                (name, rounds) -> {
                    String server = load.name() + "." + name;
                    figure(server + ".iops", "1/s", each(rounds, Sample::iops));
                    figure(server + ".p50", "us", each(rounds, s -> s.p50() / 1e3));
                    figure(server + ".p99", "us", each(rounds, s -> s.p99() / 1e3));
                    figure(server + ".p999", "us", each(rounds, s -> s.p999() / 1e3));
                });
        for (Variant variant : own.keySet()) {
            String ours = load.name() + "." + variant.label();
            List<Sample> mine = samples.getOrDefault(variant.label(), List.of());
            for (Peer peer : variant.peers()) {
                List<Sample> its = samples.getOrDefault(peer.label(), List.of());
                figure(ours + ratioTo(peer), "ratio", ratios(mine, its, Sample::iops));
            }
            List<Sample> proxy =
                    samples.getOrDefault(variant.peers().getFirst().label(), List.of());
            figure(ours + ".p999_ratio", "ratio", ratios(mine, proxy, Sample::p999));
            figure(
                    ours + ".cpu_per_op_ratio",
                    "ratio",
                    ratios(mine, proxy, Sample::cpuPerOperation));
        }
        System.out.println(load.name() + " done");
    }

    private static String ratioTo(Peer peer) {
        return switch (peer) {
            case PROXY, PROXY_TLS -> ".iops_ratio";
            case TUNED -> ".ratio_to_tuned";
            case FLOOR -> ".ratio_to_c_floor";
        };
    }

    private void figure(String name, String unit, List<Double> rounds) {
        figures.add(Figure.of(name, unit, rounds));
    }

    private static List<Double> each(List<Sample> rounds, ToDoubleFunction<Sample> value) {
        return rounds.stream().map(value::applyAsDouble).toList();
    }

    private static List<Double> ratios(
            List<Sample> ours, List<Sample> theirs, ToDoubleFunction<Sample> value) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < ours.size(); round++) {
            ratios.add(
                    value.applyAsDouble(ours.get(round)) / value.applyAsDouble(theirs.get(round)));
        }
        return ratios;
    }

    /// What a third party's tool sees, with all processors to run on.
    private void seenByFio() throws IOException, InterruptedException {
        Server proxy = peers.get(Peer.PROXY);
        if (proxy == null) {
            return;
        }
        String processors = "0-" + (Runtime.getRuntime().availableProcessors() - 1);
        for (Server server : servers()) {
            server.allow(processors);
        }
        Map<Variant, List<Double>> ratios = new EnumMap<>(Variant.class);
        for (int round = 0; round < FIO_ROUNDS; round++) {
            double its = Fio.randomReads(proxy);
            for (Map.Entry<Variant, Server> each : own.entrySet()) {
                double mine = Fio.randomReads(each.getValue());
                ratios.computeIfAbsent(each.getKey(), _ -> new ArrayList<>()).add(mine / its);
            }
        }
        ratios.forEach(
                (variant, each) ->
                        figure("rr16." + variant.label() + ".fio_iops_ratio", "ratio", each));
    }

    /// What the two hops cost without any server: a ping-pong of 4 KiB.
    private void wireFloor() throws IOException, InterruptedException {
        int port = ServerRoom.freePort();
        Path socket = room.folder().resolve("echo.sock");
        String floor = Tools.program("bench-floor");
        Process echo =
                room.start(
                        "echo", List.of(floor, "echo", "unix:" + socket, "tcp:127.0.0.1:" + port));
        try {
            ServerRoom.awaitFile(socket);
            List<String> ping =
                    List.of(floor, "ping", "unix:" + socket, Double.toString(options.seconds()));
            double roundTrips = Double.parseDouble(Tools.run(Tools.pinned(options.cpu(), ping)));
            figure("wire.iops", "1/s", List.of(roundTrips));
            figures.stream()
                    .filter(figure -> figure.name().equals("rr1.plain.iops"))
                    .map(Figure::value)
                    .findFirst()
                    .ifPresent(
                            iops ->
                                    figure(
                                            "rr1.plain.ratio_to_wire",
                                            "ratio",
                                            List.of(iops / roundTrips)));
        } finally {
            echo.destroy();
        }
    }
}
