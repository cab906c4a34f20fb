package io.memfabric.lab.demo;

import io.memfabric.lab.LabException;
import io.memfabric.lab.LabOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The command line of the lab's program.
///
/// @param verb what to do
/// @param lab the lab to build
/// @param keep whether the lab stays after the demo until a Ctrl-C
/// @param report where the figures go
record Arguments(Verb verb, LabOptions lab, boolean keep, Path report) {

    enum Verb {
        DEMO("target/demo/report.json"),
        HARVEST("target/bench/harvest-vm.json"),
        DISK("target/bench/datapath-vm.json"),
        UP(""),
        HELP("");

        private final String report;

        Verb(String report) {
            this.report = report;
        }

        /// Where its figures go.
        String report() {
            return report;
        }
    }

    static final String USAGE =
            """
            usage: memfabric-lab.jar VERB [OPTION…]

              demo     the main job on real VMs, with figures; exit code 0 only if every check held
              harvest  what a VM that lends gives, feels and gets back, with figures
              disk     what a read from a granted disk takes in a VM, beside nbdkit, with figures
              up       hosts, broker and agents without VMs, until a Ctrl-C
              help     this text

              --hosts N       how many hosts, 2 to %d (demo: 3, the third for second copies; up: 2)
              --keep          demo: leave everything running until a Ctrl-C
              --report FILE   where the figures go (target/demo/report.json, target/bench/VERB-vm.json)
              --root DIR      the repository (found from this program's own place)
            """
                    .formatted(LabOptions.HOSTS_MAX);

    static Arguments parse(List<String> words) {
        Deque<String> rest = new ArrayDeque<>(words);
        Verb verb = verb(rest.isEmpty() ? "help" : rest.pop());
        Path root = null;
        Path report = null;
        int hosts = verb == Verb.DEMO ? 3 : 2;
        boolean keep = false;
        while (!rest.isEmpty()) {
            String option = rest.pop();
            switch (option) {
                case "--keep" -> keep = true;
                case "--hosts" -> hosts = number(option, value(option, rest));
                case "--report" -> report = Path.of(value(option, rest));
                case "--root" -> root = Path.of(value(option, rest));
                default -> throw new LabException("unknown option: " + option);
            }
        }
        LabOptions lab = new LabOptions(root == null ? findRoot() : root, hosts);
        return new Arguments(
                verb, lab, keep, report == null ? lab.root().resolve(verb.report()) : report);
    }

    private static Verb verb(String word) {
        return switch (word) {
            case "demo" -> Verb.DEMO;
            case "harvest" -> Verb.HARVEST;
            case "disk" -> Verb.DISK;
            case "up" -> Verb.UP;
            case "help", "--help", "-h" -> Verb.HELP;
            default -> throw new LabException("unknown verb: " + word);
        };
    }

    private static String value(String option, Deque<String> rest) {
        if (rest.isEmpty()) {
            throw new LabException(option + " needs a value");
        }
        return rest.pop();
    }

    private static int number(String option, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new LabException(option + " needs a number, not " + text, e);
        }
    }

    /// The repository around this program's jar or classes.
    private static Path findRoot() {
        Path place =
                Path.of(
                        URI.create(
                                Arguments.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toString()));
        for (Path folder = place; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("deploy/lab"))
                    && Files.isRegularFile(folder.resolve("pom.xml"))) {
                return folder;
            }
        }
        throw new LabException("no repository around " + place + ": name it with --root");
    }
}
