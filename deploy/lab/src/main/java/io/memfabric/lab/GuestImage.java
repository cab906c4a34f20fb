package io.memfabric.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What every VM of the lab boots: an uncompressed kernel, its command line and an initial RAM file
/// system.
record GuestImage(Path kernel, Path initramfs, String commandLine) {

    private static final Duration LIMIT = Duration.ofMinutes(10);

    /// The image in the build folder; its builder keeps what is up to date.
    static GuestImage of(Built built) {
        Path folder = built.kept().resolve("guest");
        Command.run(
                LIMIT,
                List.of(
                        built.guestSources().resolve("build-image").toString(),
                        folder.toString(),
                        built.guestBalloon().toString()));
        try {
            return new GuestImage(
                    folder.resolve("vmlinux"),
                    folder.resolve("initramfs.cpio"),
                    Files.readString(folder.resolve("cmdline")).strip());
        } catch (IOException e) {
            throw new LabException("no guest image in " + folder, e);
        }
    }
}
