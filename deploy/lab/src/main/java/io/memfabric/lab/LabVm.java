package io.memfabric.lab;

import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A running VM of a lab host, as its host and its own shell see it.
public final class LabVm {

    private static final Duration BOOT_LIMIT = Duration.ofMinutes(2);
    private static final Duration ASK_LIMIT = Duration.ofSeconds(30);
    private static final long BLOCK = 512;

    private final Namespace namespace;
    private final VmPlan plan;
    private final UUID id;
    private @Nullable GuestPort port;

    LabVm(Namespace namespace, VmPlan plan, UUID id) {
        this.namespace = namespace;
        this.plan = plan;
        this.id = id;
    }

    static String guestSocket(String name) {
        return "/run/lab/vm/" + name + ".guest";
    }

    static String labSocket(String name) {
        return "/run/lab/vm/" + name + ".lab";
    }

    static String diskFile(String name) {
        return "/run/lab/vm/" + name + ".disk";
    }

    static String serialLog(String name) {
        return "/var/log/libvirt/" + name + ".console";
    }

    public String name() {
        return plan.name();
    }

    /// Its libvirt UUID, by which the broker knows it.
    public UUID id() {
        return id;
    }

    public MemorySize memory() {
        return plan.memory();
    }

    /// Waits until its shell answers.
    void awaitBoot() {
        port();
    }

    /// Runs a shell command in the guest.
    ///
    /// @throws LabException where it does not end in time
    public GuestPort.Answer run(String command, Duration limit) {
        return port().run(command, limit);
    }

    /// What a shell command in the guest prints.
    ///
    /// @throws LabException where it fails
    public String ask(String command) {
        GuestPort.Answer answer = run(command, ASK_LIMIT);
        if (!answer.ok()) {
            throw new LabException(
                    "in %s: exit code %d from %s: %s"
                            .formatted(name(), answer.exit(), command, answer.text()));
        }
        return answer.text();
    }

    private synchronized GuestPort port() {
        if (port == null || !port.open()) {
            port = GuestPort.connect(namespace.path(labSocket(name())), BOOT_LIMIT);
        }
        return port;
    }

    /// A size from the guest's own `/proc/meminfo`, such as `MemAvailable`.
    public MemorySize meminfo(String field) {
        return KibTable.size(field, ask("cat /proc/meminfo"));
    }

    /// The guest memory that its balloon daemon takes. `VmRSS` of its status lags by up to 64 pages
    /// (the kernel counts a task's faults in batches); the roll-up of its mappings is exact.
    public MemorySize balloonDaemonResident() {
        return KibTable.size("Rss", ask("cat /proc/$(pidof guest-balloon)/smaps_rollup"));
    }

    /// The swap areas that the guest's kernel has on.
    public List<String> swaps() {
        return ask("cat /proc/swaps").lines().skip(1).toList();
    }

    /// The pages that the guest's kernel has written to swap since it booted.
    public long pagesSwappedOut() {
        return Long.parseLong(ask("sed -n 's/^pswpout //p' /proc/vmstat"));
    }

    /// The pages that the guest's kernel has read from swap since it booted.
    public long pagesSwappedIn() {
        return Long.parseLong(ask("sed -n 's/^pswpin //p' /proc/vmstat"));
    }

    /// One of libvirt's memory statistics of it, such as `actual`, `usable` or `rss`.
    public MemorySize statistic(String name) {
        return KibTable.size(name, namespace.run("virsh", "-q", "dommemstat", name()));
    }

    /// The memory that its balloon leaves it, from libvirt on its host.
    public MemorySize balloon() {
        return statistic("actual");
    }

    /// The host memory that backs the guest's RAM now: the blocks of its memfd.
    public MemorySize resident() {
        Path descriptors = namespace.path("/proc/" + qemu() + "/fd");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : all) {
                if (link(descriptor).startsWith("/memfd:memory-backend")) {
                    String blocks =
                            Command.run(
                                    ASK_LIMIT,
                                    List.of("stat", "-L", "-c", "%b", descriptor.toString()));
                    return MemorySize.ofBytes(Long.parseLong(blocks.strip()) * BLOCK);
                }
            }
        } catch (IOException e) {
            throw new LabException("cannot read " + descriptors, e);
        }
        throw new LabException("QEMU of " + name() + " has no memfd of RAM");
    }

    private static String link(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    /// The processor time that its QEMU has taken on this machine, all threads together: what its work
    /// costs, however long it had to wait for a processor.
    public Duration processorTime() {
        long nanos = 0;
        Path tasks = namespace.path("/proc/" + qemu() + "/task");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
            for (Path task : all) {
                String text = Files.readString(task.resolve("schedstat"));
                nanos += Long.parseLong(text.substring(0, text.indexOf(' ')));
            }
        } catch (IOException e) {
            throw new LabException("the threads of " + name() + " cannot be read", e);
        }
        return Duration.ofNanos(nanos);
    }

    /// How long tasks of the guest have waited for memory or for a disk since it booted.
    public Duration waited() {
        long micros =
                ask("sed -n 's/^some.*total=//p' /proc/pressure/memory /proc/pressure/io")
                        .lines()
                        .mapToLong(line -> Long.parseLong(line.strip()))
                        .sum();
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    /// The processor time that the guest's kernel counts for its balloon daemon.
    public Duration balloonDaemonProcessorTime() {
        return Duration.ofNanos(
                Long.parseLong(ask("cut -d' ' -f1 /proc/$(pidof guest-balloon)/schedstat")));
    }

    /// The number of its QEMU within its host.
    private long qemu() {
        Path file = namespace.path("/run/libvirt/qemu/" + name() + ".pid");
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException e) {
            throw new LabException(name() + " does not run", e);
        }
    }

    /// What libvirt says of its state, such as `running` or `paused`.
    public String state() {
        return namespace.run("virsh", "-q", "domstate", name()).strip();
    }

    void stop() {
        if (port != null) {
            port.close();
        }
        namespace.run("virsh", "-q", "destroy", name());
    }
}
