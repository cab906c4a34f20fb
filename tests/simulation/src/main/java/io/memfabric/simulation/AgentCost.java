package io.memfabric.simulation;

import com.sun.management.OperatingSystemMXBean;
import io.memfabric.agent.balloon.BalloonLoop;
import io.memfabric.agent.balloon.Directives;
import io.memfabric.agent.balloon.Growth;
import io.memfabric.agent.balloon.HostEyes;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.agent.policy.VmMemory.Backing;
import io.memfabric.contract.agent.VmPolicy;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;

/// What the agent's own loop costs with 100 VMs whose demand changes all the time: processor time of
/// the whole process, collections and compilation included. A real agent also asks libvirt.
final class AgentCost {

    private static final int VMS = 100;
    private static final int WARM_UP = 300;
    private static final int SAMPLES = 5;
    private static final int TICKS = 200;

    private final NumberedVms vms = new NumberedVms(VMS);
    private final Directives directives = new Directives();
    private final BalloonLoop loop =
            new BalloonLoop(
                    new BalloonLoop.Parts(
                            vms,
                            vms.guests(),
                            new Eyes(),
                            new NothingLent(),
                            directives,
                            VmPolicy::usual,
                            growth(),
                            _ -> false,
                            ProductionRule.RULES,
                            0));

    private static Growth growth() {
        try {
            return Growth.load(Path.of("/nonexistent/growth.json"), ProductionRule.RULES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Eyes implements HostEyes {
        @Override
        public Memory memory() {
            return new Memory(1L << 40, 1L << 39);
        }

        @Override
        public long residentBytes(UUID vmId, long maxBytes) {
            return maxBytes / 2;
        }

        @Override
        public Backing backing(UUID vmId) {
            return Backing.USUAL;
        }

        @Override
        public void retain(Set<UUID> vmIds) {}
    }

    /// The shares of a core that a tick a second takes, several times measured.
    double[] coreShares() {
        for (int i = 0; i < WARM_UP; i++) {
            tick();
        }
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        double[] shares = new double[SAMPLES];
        for (int sample = 0; sample < SAMPLES; sample++) {
            long before = system.getProcessCpuTime();
            for (int i = 0; i < TICKS; i++) {
                tick();
            }
            shares[sample] = (system.getProcessCpuTime() - before) / 1e9 / TICKS;
        }
        return shares;
    }

    private void tick() {
        directives.said(HarvestMode.HARVEST, 0);
        vms.live();
        loop.tick();
    }

    /// For tests: what the VMs have in all.
    long balloons() {
        return vms.machines().stream().mapToLong(VirtualMachine::balloonBytes).sum();
    }

    void run(int ticks) {
        for (int i = 0; i < ticks; i++) {
            tick();
        }
    }
}
