package io.memfabric.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What runs the guests' instructions. The presence of `/dev/kvm` proves nothing, so a guest is
/// booted on it once, with a deadline, and the answer is kept in the build folder.
enum Accelerator {
    KVM("kvm", "<cpu mode='host-passthrough'/>"),
    TCG("qemu", "<cpu mode='maximum'/>");

    private static final Duration BOOT_LIMIT = Duration.ofSeconds(20);

    /// A kernel that finds no program to start has booted all the way.
    private static final String BOOTED = "Kernel panic";

    private final String domainType;
    private final String cpuElement;

    Accelerator(String domainType, String cpuElement) {
        this.domainType = domainType;
        this.cpuElement = cpuElement;
    }

    String domainType() {
        return domainType;
    }

    String cpuElement() {
        return cpuElement;
    }

    /// One line for people.
    String described() {
        return switch (this) {
            case KVM -> "VMs run on KVM (a test boot worked)";
            case TCG ->
                    Files.exists(Path.of("/dev/kvm"))
                            ? "VMs are emulated (TCG): a test boot on /dev/kvm did not get through"
                            : "VMs are emulated (TCG): there is no /dev/kvm";
        };
    }

    static Accelerator of(Built built, GuestImage image) {
        if (!Files.exists(Path.of("/dev/kvm"))) {
            return TCG;
        }
        Path kept = built.kept().resolve("accelerator");
        try {
            if (Files.exists(kept)) {
                return valueOf(Files.readString(kept).strip());
            }
            Accelerator answer = testBoot(image) ? KVM : TCG;
            Files.writeString(kept, answer.name() + "\n");
            return answer;
        } catch (IOException | IllegalArgumentException e) {
            throw new LabException("cannot use " + kept + ": " + e.getMessage(), e);
        }
    }

    private static boolean testBoot(GuestImage image) {
        List<String> words =
                List.of(
                        "setpriv",
                        "--pdeathsig",
                        "KILL",
                        "timeout",
                        "--signal=KILL",
                        Long.toString(BOOT_LIMIT.toSeconds()),
                        "setpriv",
                        "--pdeathsig",
                        "KILL",
                        "qemu-system-x86_64",
                        "-accel",
                        "kvm",
                        "-machine",
                        "q35",
                        "-cpu",
                        "host",
                        "-m",
                        "192",
                        "-nodefaults",
                        "-no-reboot",
                        "-display",
                        "none",
                        "-serial",
                        "stdio",
                        "-kernel",
                        image.kernel().toString(),
                        "-append",
                        "console=ttyS0 panic=-1");
        return Command.tryRun(BOOT_LIMIT.plusSeconds(10), words).out().contains(BOOTED);
    }
}
