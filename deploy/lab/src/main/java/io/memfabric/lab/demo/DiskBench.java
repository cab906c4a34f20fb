package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import io.memfabric.lab.Command;
import io.memfabric.lab.GuestPort;
import io.memfabric.lab.Lab;
import io.memfabric.lab.LabException;
import io.memfabric.lab.LabVm;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/// What a read of a random page takes inside a VM: from a granted disk, as agents ship (sealed, TLS
/// between the hosts), and in turn with it from a disk of `nbdkit memory` on the VM's own host, which
/// is one hop instead of two.
final class DiskBench {

    private static final String NBDKIT_SOCKET = "/run/lab/vm/nbdkit.sock";
    private static final String NBDKIT_XML = "/run/lab/vm/nbdkit.xml";
    private static final String NBDKIT_SERIAL = "nbdkit";

    /// What begins the serial of a grant's disk.
    private static final String GRANT_SERIAL = "mf";

    private static final MemorySize SIZE = FabricLimits.REGION;
    private static final long MIB = SIZE.bytes() / MemorySize.ofMib(1).bytes();
    private static final double GOAL = 1.3;

    /// Who takes part in a read.
    private static final Pattern BOUND = Pattern.compile("qemu-system|nbdkit|memfabric-agent");

    private static final int ROUNDS = 21;

    /// How many rounds go before: until what is called for every read has been compiled.
    private static final int WARM_UP = 12;

    private static final int READS = 1500;
    private static final Duration SHORT = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final MainJob job;
    private final Console console;
    private final Report report;

    DiskBench(Lab lab, Console console, Report report) {
        this.job = new MainJob(lab, console::say);
        this.console = console;
        this.report = report;
    }

    void run() {
        job.awaitReady();
        console.step(2, "Harvest, and grant a disk");
        job.harvest();
        job.awaitRegions();
        UUID grant = job.fabric().grantDevice(job.busy().id(), SIZE);
        attachNbdkit();
        String granted = filled(device(GRANT_SERIAL));
        String nbdkit = filled(device(NBDKIT_SERIAL));
        console.step(3, "Read from both, in turn");
        report.add(
                Figure.medianOf(
                        "vm.read4k_free_ratio_to_nbdkit", measure(granted, nbdkit), "ratio"));
        console.step(4, "The same with all that takes part on one processor");
        bindToOneProcessor();
        report.add(
                Figure.medianAtMost(
                        "vm.read4k_ratio_to_nbdkit", measure(granted, nbdkit), "ratio", GOAL));
        job.fabric().release(grant);
    }

    /// The VM, both ends of the data path and nbdkit share a processor: what another one takes to wake
    /// up, on a machine that is itself virtual, would else be most of what is measured. The broker
    /// stays away from it.
    private static void bindToOneProcessor() {
        int last = Runtime.getRuntime().availableProcessors() - 1;
        List<ProcessHandle> all = ProcessHandle.current().descendants().toList();
        for (ProcessHandle process : all) {
            String line = process.info().commandLine().orElse("");
            if (BOUND.matcher(line).find()) {
                Command.run(
                        SHORT, List.of("taskset", "-a", "-c", "-p", last + "", process.pid() + ""));
            }
        }
    }

    private void attachNbdkit() {
        job.borrower()
                .namespace()
                .run("nbdkit", "-U", NBDKIT_SOCKET, "memory", Long.toString(SIZE.bytes()));
        try {
            Files.writeString(
                    job.borrower().namespace().path(NBDKIT_XML),
                    """
                    <disk type='network' device='disk'>
                      <driver name='qemu' type='raw' cache='none'/>
                      <source protocol='nbd' name=''>
                        <host transport='unix' socket='%s'/>
                      </source>
                      <target dev='vdx' bus='virtio'/>
                      <serial>%s</serial>
                    </disk>
                    """
                            .formatted(NBDKIT_SOCKET, NBDKIT_SERIAL));
        } catch (IOException e) {
            throw new LabException("cannot write " + NBDKIT_XML, e);
        }
        job.borrower().namespace().run("virsh", "-q", "attach-device", "busy", NBDKIT_XML);
    }

    /// The guest's own name of the disk with that serial.
    private String device(String serial) {
        String find =
                "cd /sys/block; for d in vd*; do case $(cat $d/serial) in %s*) echo $d;; esac; done"
                        .formatted(serial);
        return Await.answer(
                "a disk " + serial,
                LIMIT,
                () -> Optional.of(job.busy().ask(find).strip()).filter(d -> !d.isEmpty()));
    }

    /// Writes every page, since what was never written is known to be zeros without asking anybody.
    private String filled(String device) {
        GuestPort.Answer answer =
                job.busy()
                        .run(
                                "workload device --path /dev/%s --mib %d".formatted(device, MIB),
                                LIMIT);
        if (!answer.ok()) {
            throw new LabException("cannot fill " + device + ": " + answer.text());
        }
        return device;
    }

    private double[] measure(String granted, String nbdkit) {
        double[] ratios = new double[ROUNDS];
        double[] ours = new double[ROUNDS];
        double[] its = new double[ROUNDS];
        for (int i = -WARM_UP; i < ROUNDS; i++) {
            boolean first = i % 2 == 0;
            double one = micros(first ? granted : nbdkit, WARM_UP + i + 1);
            double other = micros(first ? nbdkit : granted, WARM_UP + i + 1);
            if (i < 0) {
                continue;
            }
            ours[i] = first ? one : other;
            its[i] = first ? other : one;
            ratios[i] = ours[i] / its[i];
        }
        console.say(
                "a read takes %.0f µs from the grant, %.0f µs from nbdkit"
                        .formatted(Figure.median(ours), Figure.median(its)));
        return ratios;
    }

    private double micros(String device, int seed) {
        LabVm vm = job.busy();
        String[] words =
                vm.ask("disk-latency /dev/%s %d %d %d".formatted(device, MIB, READS, seed))
                        .split("\\s+", -1);
        return Double.parseDouble(words[1]) / 1e3;
    }
}
