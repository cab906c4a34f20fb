package io.memfabric.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Habits of the source tree that a compiler does not see.
final class SourceTreeTest {

    private static final Path ROOT = findRoot();
    private static final Pattern EMPTY_NAMES =
            Pattern.compile(".*(Util|Utils|Helper|Manager|Common|Impl|Misc)\\.java");

    @Test
    void everyPackageSaysWhatItIsFor() {
        assertThat(
                        javaSources()
                                .filter(f -> f.toString().contains("/src/main/"))
                                .map(Path::getParent)
                                .distinct()
                                .filter(dir -> !Files.exists(dir.resolve("package-info.java"))))
                .isEmpty();
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(
                        javaSources()
                                .filter(f -> f.endsWith("package-info.java"))
                                .filter(f -> !read(f).contains("@NullMarked")))
                .isEmpty();
    }

    @Test
    void noNameIsEmpty() {
        assertThat(javaSources().filter(f -> EMPTY_NAMES.matcher(f.toString()).matches()))
                .isEmpty();
    }

    @Test
    void noSourceFileIsTooLongToRead() {
        assertThat(javaSources().filter(f -> read(f).lines().count() > 400)).isEmpty();
    }

    @Test
    void nothingIsLeftForLater() {
        Pattern later = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX|HA" + "CK)\\b");
        assertThat(javaSources().filter(f -> later.matcher(read(f)).find())).isEmpty();
    }

    @Test
    void theTopLevelIsTheAgreedOne() throws IOException {
        Set<String> agreed =
                Set.of(
                        "pom.xml",
                        "README.md",
                        "broker",
                        "host-agent",
                        "guest-balloon",
                        "db",
                        "api-spec",
                        "deploy",
                        "tests",
                        "memfabric",
                        "mvnw",
                        "LICENSE",
                        "DECISIONS.md",
                        "target");
        try (Stream<Path> top = Files.list(ROOT)) {
            assertThat(top.map(p -> p.getFileName().toString()).filter(n -> !n.startsWith(".")))
                    .isSubsetOf(agreed);
        }
    }

    /// What is built meanwhile, by other modules, is not looked at: it comes and goes.
    private static Stream<Path> javaSources() {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(
                    ROOT,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(
                                Path dir, BasicFileAttributes attributes) {
                            String name = dir.getFileName().toString();
                            return name.equals("target") || name.equals("node_modules")
                                    ? FileVisitResult.SKIP_SUBTREE
                                    : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            if (file.toString().endsWith(".java")
                                    && file.toString().contains("/src/")) {
                                found.add(file);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(found).as("sources under %s", ROOT).isNotEmpty();
        return found.stream();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path findRoot() {
        Path dir = Path.of("").toAbsolutePath();
        while (!Files.exists(dir.resolve("memfabric")) || !Files.exists(dir.resolve("api-spec"))) {
            dir = dir.getParent();
            if (dir == null) {
                throw new IllegalStateException("not inside the repository");
            }
        }
        return dir;
    }
}
