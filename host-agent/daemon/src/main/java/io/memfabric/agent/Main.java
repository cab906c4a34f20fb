package io.memfabric.agent;

import io.memfabric.agent.borrowing.RemoteBorrowing;
import io.memfabric.agent.hostmemory.MemoryInfo;
import io.memfabric.agent.hypervisor.libvirt.LibvirtHypervisor;
import io.memfabric.agent.lending.RegionLending;
import io.memfabric.agent.settings.AgentSettings;
import io.memfabric.agent.settings.SettingsException;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.nio.file.Path;

/// The agent's process: reads its settings, starts its parts, and stops them on SIGTERM.
public final class Main {

    /// `EX_CONFIG` of sysexits.h.
    private static final int BAD_SETTINGS = 78;

    private static final int CANNOT_START = 1;

    private Main() {}

    public static void main(String[] args) {
        if (args.length == 1 && args[0].equals("--help")) {
            System.out.println("usage: memfabric agent --settings FILE\n\n" + AgentSettings.help());
            return;
        }
        if (args.length != 2 || !args[0].equals("--settings")) {
            end(BAD_SETTINGS, "usage: memfabric agent --settings FILE");
            return;
        }
        try {
            start(AgentSettings.load(Path.of(args[1]), hostMemory()));
        } catch (SettingsException e) {
            end(BAD_SETTINGS, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            end(CANNOT_START, e.toString());
        }
    }

    private static MemorySize hostMemory() throws IOException {
        return new MemorySize(MemoryInfo.read(Path.of("/proc")).totalBytes());
    }

    private static void start(AgentSettings settings) throws IOException {
        Agent agent =
                new Agent(
                        settings,
                        new LibvirtHypervisor(settings.libvirtUri()),
                        RegionLending.open(settings.dataListen()),
                        RemoteBorrowing.open(settings.runDir()));
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(agent::close));
        agent.start();
    }

    private static void end(int status, String line) {
        System.err.println("memfabric-agent: " + line);
        System.exit(status);
    }
}
