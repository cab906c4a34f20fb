package io.memfabric.rdma.bench;

import io.memfabric.agent.rdma.RdmaDevices;
import io.memfabric.rdma.image.VerbsImage;
import io.memfabric.rdma.image.VerbsUnavailableException;
import io.memfabric.rdma.vm.Program;
import io.memfabric.rdma.vm.VmPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// `./memfabric bench rdma`: our reads beside perftest's, on this host's own RDMA device or in the VMs
/// with verbs, requests that were executed after a fence, and what a verb call costs.
public final class RdmaBench {

    private static final Duration LIMIT = Duration.ofMinutes(7);

    private RdmaBench() {}

    public static void main(String[] args) throws Exception {
        try {
            run(Options.parse(List.of(args)));
        } catch (IllegalArgumentException e) {
            System.err.println("memfabric: " + e.getMessage() + "\n" + Options.USAGE);
            System.exit(64);
        } catch (VerbsUnavailableException e) {
            System.err.println("memfabric: " + e.getMessage());
            System.exit(69);
        }
    }

    private static void run(Options options)
            throws IOException, InterruptedException, VerbsUnavailableException {
        Optional<Device> device =
                options.vms()
                        ? Optional.empty()
                        : Device.find(RdmaDevices.FOLDER, options.device());
        if (device.isPresent()) {
            Device.requireTools();
            if (options.serve()) {
                System.out.println("Serving on " + device.get() + " until it is interrupted.");
                System.exit(device.get().serve());
            }
            String where =
                    "device "
                            + device.get().name()
                            + options.peer()
                                    .map(p -> ", reading from " + p)
                                    .orElse(", reading from itself");
            report(options.root(), where, device.get().measure(options.peer()));
        } else if (options.device().isPresent() || options.peer().isPresent() || options.serve()) {
            throw new VerbsUnavailableException(
                    "no such RDMA device with an active port and an IPv4 address: see memfabric"
                            + " rdma-check");
        } else {
            report(options.root(), "two VMs under QEMU's TCG, soft-RoCE", inVms(options.root()));
        }
    }

    private static List<String> inVms(Path root)
            throws IOException, InterruptedException, VerbsUnavailableException {
        VmPair.requireQemu();
        Path verbs = root.resolve("tests/rdma/target/verbs");
        VerbsImage image = VerbsImage.build(verbs, Program.in(root));
        return VmPair.run(image, "bench", verbs.resolve("logs"), LIMIT).client();
    }

    private static void report(Path root, String where, List<String> said)
            throws IOException, InterruptedException {
        List<Figure> figures = new ArrayList<>();
        ratios("read4k", "us", said)
                .map(all -> Figure.atMost("read4k.p50_ratio_to_ib_read_lat", "x", 1.5, all))
                .ifPresent(figures::add);
        ratios("read64k", "MiB/s", said)
                .map(all -> Figure.atLeast("read64k.bandwidth_ratio_to_ib_read_bw", "x", 0.8, all))
                .ifPresent(figures::add);
        double sent = figure("stale_requests_sent", said).orElse(0.0);
        figure("stale_requests_at_device", said)
                .map(count -> Figure.atLeast("stale_requests_at_device", "1", sent, List.of(count)))
                .ifPresent(figures::add);
        figure("stale_requests_executed", said)
                .map(count -> Figure.atMost("stale_requests_executed", "1", 0, List.of(count)))
                .ifPresent(figures::add);
        List<Double> calls = VerbCalls.measure(root);
        if (!calls.isEmpty()) {
            figures.add(Figure.atMost("verb_call_us", "us", 1, calls));
        }
        System.out.println("Measured on: " + where);
        figures.forEach(RdmaBench::print);
        write(root.resolve("target/bench/rdma.json"), where, figures);
        if (figures.size() < 5) {
            System.err.println("memfabric: not everything was measured:");
            said.stream().filter(line -> line.startsWith("FAIL")).forEach(System.err::println);
            System.exit(1);
        }
    }

    /// Prints each round, and answers ours by theirs.
    private static Optional<List<Double>> ratios(String name, String unit, List<String> said) {
        List<Sample> samples = Sample.named(name, said);
        for (Sample sample : samples) {
            System.out.printf(
                    Locale.ROOT,
                    "%-8s ours %9.2f %s, perftest %9.2f %s, ratio %.2f%n",
                    name,
                    sample.ours(),
                    unit,
                    sample.theirs(),
                    unit,
                    sample.ratio());
        }
        return samples.isEmpty()
                ? Optional.empty()
                : Optional.of(samples.stream().map(Sample::ratio).toList());
    }

    private static Optional<Double> figure(String name, List<String> said) {
        String start = "FIGURE " + name + " ";
        return said.stream()
                .filter(line -> line.startsWith(start))
                .map(line -> Double.parseDouble(line.substring(start.length())))
                .findFirst();
    }

    private static void print(Figure figure) {
        System.out.printf(
                Locale.ROOT,
                "%-40s %10.3f %-3s goal %s, %s (n %d, %.3f to %.3f)%n",
                figure.name(),
                figure.value(),
                figure.unit(),
                figure.goal(),
                figure.met() ? "met" : "MISSED",
                figure.n(),
                figure.min(),
                figure.max());
    }

    private static void write(Path file, String where, List<Figure> figures) throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("commit", System.getenv().getOrDefault("MEMFABRIC_COMMIT", "unknown"));
        report.put(
                "machine",
                "%s, on %d processors, Linux %s, Java %s"
                        .formatted(
                                where,
                                Runtime.getRuntime().availableProcessors(),
                                System.getProperty("os.version"),
                                System.getProperty("java.version")));
        report.put("figures", figures);
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                JsonMapper.builder()
                                .build()
                                .writerWithDefaultPrettyPrinter()
                                .writeValueAsString(report)
                        + "\n");
    }
}
