package io.memfabric.benchmark;

import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What our processes take beside the processor, under load. The collections of a process' first
/// seconds do not count: they meet what it needed for its start and code that is not yet compiled.
final class Footprint {

    private static final Pattern PAUSE = Pattern.compile("Pause .* ([0-9.]+)ms");
    private static final double MIB = MemorySize.ofMib(1).bytes();

    /// How many lines each log had when the measuring began.
    private final Map<Path, Integer> before = new HashMap<>();

    private final ServerRoom room;
    private final Map<Variant, Server> own;

    private Footprint(ServerRoom room, Map<Variant, Server> own) {
        this.room = room;
        this.own = own;
    }

    /// Begins to count.
    static Footprint begin(ServerRoom room, Map<Variant, Server> own) throws IOException {
        Footprint footprint = new Footprint(room, own);
        for (Variant variant : own.keySet()) {
            for (Path log : room.gcLogs(variant)) {
                footprint.before.put(log, Files.readAllLines(log).size());
            }
        }
        return footprint;
    }

    List<Figure> figures() throws IOException {
        List<Figure> figures = new ArrayList<>();
        List<Double> resident = new ArrayList<>();
        List<Double> longest = new ArrayList<>();
        for (Map.Entry<Variant, Server> each : own.entrySet()) {
            for (Process process : each.getValue().processes()) {
                resident.add(residentMib(process));
            }
            List<Double> pauses = new ArrayList<>();
            for (Path log : room.gcLogs(each.getKey())) {
                pauses.addAll(pauses(log));
            }
            pauses.add(0.0);
            figures.add(Figure.of(each.getKey().label() + ".gc_pause_ms", "ms", pauses));
            longest.add(pauses.stream().max(Double::compare).orElse(0.0));
        }
        figures.add(Figure.longest("gc_pause_max_ms", "ms", longest));
        figures.add(Figure.longest("agent_resident_max", "MiB", resident));
        return figures;
    }

    /// Without what is lent: only that is locked.
    private static double residentMib(Process process) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        return (bytes(status, "VmRSS:") - bytes(status, "VmLck:")) / MIB;
    }

    private static double bytes(Path status, String field) throws IOException {
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith(field))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024)
                .sum();
    }

    private List<Double> pauses(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .skip(before.getOrDefault(log, 0))
                .map(PAUSE::matcher)
                .filter(Matcher::find)
                .map(found -> Double.valueOf(found.group(1)))
                .toList();
    }
}
