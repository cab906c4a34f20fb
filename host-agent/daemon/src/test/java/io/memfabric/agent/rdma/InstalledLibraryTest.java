package io.memfabric.agent.rdma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A native half that the settings name in place of ours.
final class InstalledLibraryTest {

    @TempDir Path folder;
    private Path library;

    @BeforeEach
    void install() throws IOException {
        allow(folder, "rwxr-xr-x");
        library = Files.createFile(folder.resolve("libdisni.so"));
        allow(library, "rw-r--r--");
    }

    private static void allow(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static void assertRefused(Path library, String why) {
        assertThatThrownBy(() -> VerbsLibrary.check(Optional.of(library)))
                .isInstanceOfSatisfying(
                        RdmaException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(RdmaException.NO_LIBRARY);
                            assertThat(e).hasMessageContaining(why).hasMessageContaining(".so");
                            assertThat(e.getMessage()).doesNotContain("\n");
                        });
    }

    @Test
    void takesAFileThatNobodyElseCanChange() throws Exception {
        VerbsLibrary.check(Optional.of(library));
        Path link = Files.createSymbolicLink(folder.resolve("libdisni.so.0"), library);
        VerbsLibrary.check(Optional.of(link));
        VerbsLibrary.check(Optional.empty());
    }

    @Test
    void refusesWhatIsNotThereOrNoFileOrRelative() throws IOException {
        assertRefused(folder.resolve("other.so"), "is not there");
        assertRefused(Files.createDirectory(folder.resolve("folder.so")), "is no file");
        assertRefused(Path.of("libdisni.so"), "is no absolute path");
    }

    @Test
    void refusesWhatEverybodyCanWriteOrReplace() throws IOException {
        allow(library, "rw-r--rw-");
        assertRefused(library, "can be written by everybody");
        Path link = Files.createSymbolicLink(folder.resolve("link.so"), library);
        assertRefused(link, "can be written by everybody");
        allow(library, "rw-r--r--");
        allow(folder, "rwxr-xrwx");
        assertRefused(library, "can be replaced by everybody: chmod o-w " + folder);
    }

    /// A library of another make, whose handles are pointers as upstream's are, under the name and at
    /// the place that the settings give.
    @Test
    void isLoadedInPlaceOfOursAndServes() throws Exception {
        Path other = VerbsLibrary.bundled().resolveSibling("fake").resolve("libdisni.so");
        assumeTrue(
                Files.isRegularFile(other),
                "the headers of rdma-core are not there, so the native half was not built");
        Files.delete(library);
        Files.copy(other, library);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-XX:+UseSerialGC",
                                "-Xmx64m",
                                "--enable-native-access=ALL-UNNAMED",
                                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LibraryTrial.class.getName(),
                                library.toString())
                        .redirectErrorStream(true)
                        .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(said).contains("loaded " + library, "loopback READ of 4096 bytes");
        } finally {
            process.destroyForcibly();
        }
    }
}
