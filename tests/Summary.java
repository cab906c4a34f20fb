import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// Prints what a test run did: a line for each part with its counts, then what was skipped and why.
/// Arguments: the repository's root, then the suites that ran. Exits with 1 where a test failed, where
/// a suite ran no test at all, or where its counts cannot be read.
final class Summary {

    private static final Pattern PLAIN_COUNTS =
            Pattern.compile("(?m)^(?:(\\w[\\w-]*): )?(\\d+) passed, (\\d+) failed(?:, (\\d+) skipped)?$");

    private record Counts(int passed, int failed, int skipped, double seconds) {
        Counts plus(Counts o) {
            return new Counts(passed + o.passed, failed + o.failed, skipped + o.skipped, seconds + o.seconds);
        }
    }

    private static final Counts NONE = new Counts(0, 0, 0, 0);

    private final Map<String, Counts> parts = new LinkedHashMap<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final Set<String> plainSuites = new HashSet<>();

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        Summary summary = new Summary();
        summary.readSurefire(root);
        summary.readTold(root);
        boolean emptySuite = false;
        for (String suite : List.of(args).subList(1, args.length)) {
            summary.readPlain(suite, root.resolve("target/test/" + suite + ".log"));
        }
        for (String suite : List.of(args).subList(1, args.length)) {
            boolean ran =
                    switch (suite) {
                        case "unit" -> summary.parts.containsKey("tests/architecture");
                        case "broker" -> summary.parts.containsKey("tests/control");
                        case "vm", "system", "rdma" -> summary.parts.containsKey("tests/" + suite);
                        default -> summary.plainSuites.contains(suite);
                    };
            if (!ran) {
                System.out.println("suite " + suite + " ran no test");
                emptySuite = true;
            }
        }
        Counts total = summary.print();
        System.exit(total.failed > 0 || emptySuite ? 1 : 0);
    }

    private void readSurefire(Path root) throws Exception {
        List<Path> reports;
        try (Stream<Path> files = Files.walk(root)) {
            reports =
                    files.filter(f -> f.toString().contains("/target/surefire-reports/TEST-"))
                            .filter(f -> f.toString().endsWith(".xml"))
                            .sorted()
                            .toList();
        }
        Map<String, Counts> found = new TreeMap<>();
        for (Path report : reports) {
            String module = root.relativize(report.getParent().getParent().getParent()).toString();
            found.merge(module, readReport(module, report), Counts::plus);
        }
        parts.putAll(found);
    }

    /// What tests tell by name, such as how many answers were held against the contract.
    private void readTold(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().matches(".*/target/told/[^/]+\\.txt")).sorted().toList()) {
                told.addAll(Files.readAllLines(file));
            }
        }
    }

    private Counts readReport(String module, Path report) throws Exception {
        Element suite =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(report.toFile()).getDocumentElement();
        int tests = Integer.parseInt(suite.getAttribute("tests"));
        int bad = Integer.parseInt(suite.getAttribute("failures")) + Integer.parseInt(suite.getAttribute("errors"));
        int skips = Integer.parseInt(suite.getAttribute("skipped"));
        NodeList cases = suite.getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
            Element test = (Element) cases.item(i);
            String name = module + " " + simple(test.getAttribute("classname")) + "." + test.getAttribute("name");
            for (String kind : List.of("skipped", "failure", "error")) {
                NodeList marks = test.getElementsByTagName(kind);
                if (marks.getLength() > 0) {
                    String why = why((Element) marks.item(0));
                    (kind.equals("skipped") ? skipped : failures).add(name + ": " + why);
                }
            }
        }
        return new Counts(tests - bad - skips, bad, skips, Double.parseDouble(suite.getAttribute("time")));
    }

    /// The reason in a mark's message, or in the exception that it shows.
    private static String why(Element mark) {
        return Stream.of(mark.getAttribute("message"), mark.getTextContent().replaceFirst("^[\\w.$]+: ", ""))
                .flatMap(text -> text.strip().lines().limit(1))
                .findFirst()
                .orElse("");
    }

    private static String simple(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }

    private void readPlain(String suite, Path log) throws IOException {
        if (!Files.exists(log)) {
            return;
        }
        Matcher lines = PLAIN_COUNTS.matcher(Files.readString(log));
        while (lines.find()) {
            String part = lines.group(1) == null ? suite : lines.group(1);
            int skips = lines.group(4) == null ? 0 : Integer.parseInt(lines.group(4));
            Counts counts =
                    new Counts(Integer.parseInt(lines.group(2)), Integer.parseInt(lines.group(3)), skips, 0);
            plainSuites.add(suite);
            parts.merge(part, counts, Counts::plus);
        }
    }

    private Counts print() {
        System.out.println();
        System.out.printf(Locale.ROOT, "%-28s %7s %7s %8s %9s%n", "suite", "passed", "failed", "skipped", "seconds");
        Counts total = NONE;
        for (Map.Entry<String, Counts> part : parts.entrySet()) {
            Counts c = part.getValue();
            total = total.plus(c);
            System.out.printf(
                    Locale.ROOT, "%-28s %7d %7d %8d %9.1f%n", part.getKey(), c.passed, c.failed, c.skipped, c.seconds);
        }
        skipped.forEach(line -> System.out.println("skipped: " + line));
        failures.forEach(line -> System.out.println("failed:  " + line));
        told.forEach(line -> System.out.println("told:    " + line));
        System.out.printf(
                Locale.ROOT, "%n%d passed, %d failed, %d skipped%n", total.passed, total.failed, total.skipped);
        return total;
    }
}
