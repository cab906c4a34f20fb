package io.memfabric.rdma.vm;

import io.memfabric.rdma.image.VerbsImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// One VM with verbs. What it prints on its serial line is kept in a file and in memory. It ends by
/// itself, or by a hard limit that holds even when this process dies.
final class VerbsVm implements AutoCloseable {

    static final String QEMU = "qemu-system-x86_64";

    /// Enough for the image in memory twice while it is unpacked, four regions and three Javas.
    private static final int MEMORY_MIB = 1024;

    private final Process process;
    private final Thread reader;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    /// What tells one VM from the other.
    ///
    /// @param side 1 or 2: the one that listens on the host's socket, and the one that connects
    /// @param wire the socket, or none for one VM alone
    record Place(int side, Optional<Path> wire, Path log, Duration limit) {

        /// A wire to nowhere is up as well.
        String network() {
            return wire.map(
                            socket ->
                                    "stream,id=n0,server=%s,addr.type=unix,addr.path=%s"
                                            .formatted(side == 1 ? "on" : "off", socket))
                    .orElse("hubport,id=n0,hubid=0");
        }
    }

    VerbsVm(VerbsImage image, Place place, String task) throws IOException {
        process = new ProcessBuilder(command(image, place, task)).redirectErrorStream(true).start();
        process.getOutputStream().close();
        reader =
                Thread.ofVirtual()
                        .name("serial-" + place.side())
                        .start(() -> read(process, place.log()));
    }

    private static List<String> command(VerbsImage image, Place place, String task) {
        String address = "10.77.0." + place.side();
        return List.of(
                "timeout",
                "--kill-after=5",
                String.valueOf(place.limit().toSeconds()),
                QEMU,
                "-machine",
                "q35",
                "-accel",
                "tcg,thread=multi",
                "-cpu",
                "max",
                "-m",
                String.valueOf(MEMORY_MIB),
                "-smp",
                "1",
                "-nographic",
                "-no-reboot",
                "-nodefaults",
                "-serial",
                "stdio",
                "-kernel",
                image.kernel().toString(),
                "-initrd",
                image.initrd().toString(),
                "-append",
                "console=ttyS0 panic=-1 quiet mitigations=off nokaslr tsc=reliable"
                        + " memfabric.address="
                        + address
                        + " memfabric.task="
                        + task,
                "-netdev",
                place.network(),
                "-device",
                "virtio-net-pci,netdev=n0,mac=52:54:00:77:00:0" + place.side());
    }

    private void read(Process from, Path log) {
        try (BufferedReader serial = from.inputReader(StandardCharsets.ISO_8859_1);
                Writer kept = Files.newBufferedWriter(log, StandardCharsets.UTF_8)) {
            for (String line = serial.readLine(); line != null; line = serial.readLine()) {
                lines.add(line.strip());
                kept.write(line.strip() + "\n");
                kept.flush();
            }
        } catch (IOException e) {
            // A VM that is ended takes its serial line with it; what is missing then fails its
            // check.
            lines.add("serial line lost: " + e.getMessage());
        }
    }

    /// Waits for the VM's end and returns what it printed.
    List<String> await() throws InterruptedException {
        process.waitFor();
        reader.join();
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        end();
    }

    /// Ends the VM now. The signal goes to `timeout`, which passes it on.
    void end() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
