package io.memfabric.lab;

import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The memfabric agent of one lab host.
public final class LabAgent {

    private static final String FOLDER = "/run/lab/agent";
    private static final int DATA_PORT = 7440;

    private final Namespace namespace;
    private final Built built;
    private final Path log;
    private @Nullable LabProcess process;

    LabAgent(Namespace namespace, Built built, Path log) {
        this.namespace = namespace;
        this.built = built;
        this.log = log;
    }

    /// Writes the settings of an agent that is new on this host.
    void install(String hostName, String address, String brokerUrl, String joinToken) {
        Properties settings = new Properties();
        settings.setProperty("host.name", hostName);
        settings.setProperty("broker.url", brokerUrl);
        settings.setProperty("broker.join-token-file", FOLDER + "/join-token");
        settings.setProperty("state.dir", FOLDER + "/state");
        settings.setProperty("run.dir", FOLDER + "/run");
        settings.setProperty("data.listen", address + ":" + DATA_PORT);
        settings.setProperty("libvirt.uri", "qemu:///system");
        settings.setProperty("host.reserve-bytes", Long.toString(MemorySize.ofMib(512).bytes()));
        settings.setProperty("harvest.floor-bytes", Long.toString(MemorySize.ofMib(96).bytes()));
        settings.setProperty("harvest.headroom-bytes", Long.toString(MemorySize.ofMib(48).bytes()));
        settings.setProperty("harvest.step-bytes", Long.toString(MemorySize.ofMib(128).bytes()));
        try {
            Files.createDirectories(namespace.path(FOLDER + "/state"));
            Files.createDirectories(namespace.path(FOLDER + "/run"));
            write("/join-token", joinToken + "\n");
            StringWriter text = new StringWriter();
            settings.store(text, null);
            write("/agent.properties", text.toString());
        } catch (IOException e) {
            throw new LabException("cannot install the agent of " + hostName, e);
        }
    }

    /// Adds settings that hold from its next start on.
    public void add(Map<String, String> settings) {
        Path file = namespace.path(FOLDER + "/agent.properties");
        StringBuilder text = new StringBuilder();
        settings.forEach((key, value) -> text.append(key + "=" + value + "\n"));
        try {
            Files.writeString(file, text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new LabException("cannot change the settings of the agent", e);
        }
    }

    private void write(String name, String text) throws IOException {
        Path file = namespace.path(FOLDER + name);
        Files.deleteIfExists(file);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }

    /// Starts the agent's process, in the hands of a holder.
    public void start() {
        process =
                LabProcess.start(
                        namespace,
                        "agent",
                        List.of(
                                built.holder().toString(),
                                "--",
                                Built.java().toString(),
                                "-Xms48m",
                                "-Xmn32m",
                                "-Xmx80m",
                                "-XX:+UseSerialGC",
                                "-XX:+UseCompactObjectHeaders",
                                "-XX:TrimNativeHeapInterval=10000",
                                "-XX:-UsePerfData",
                                "-Djava.io.tmpdir=/run/lab/tmp",
                                "-Djna.tmpdir=/run/lab/tmp",
                                "--enable-native-access=ALL-UNNAMED",
                                "-jar",
                                built.agentJar().toString(),
                                "--settings",
                                FOLDER + "/agent.properties"),
                        Map.of("TMPDIR", "/run/lab/tmp"),
                        log);
    }

    /// Ends the agent's process at once, as a crash would. Its holder starts it again, as systemd
    /// would.
    public void kill() {
        process().destroyForcibly();
    }

    /// The agent's process, below its holder.
    private ProcessHandle process() {
        return ProcessHandle.of(running().pid())
                .flatMap(holder -> holder.children().findFirst())
                .orElseThrow(() -> new LabException("the agent is not running"));
    }

    /// Makes sure that the process runs.
    ///
    /// @throws LabException where the process has ended, with the end of its log
    public void mustLive() {
        running().mustLive();
    }

    /// How many lines of its log, so far, have this text.
    public long logged(String text) {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(text)).count();
        } catch (IOException e) {
            throw new LabException("cannot read " + log, e);
        }
    }

    /// The memory that the process holds, regions apart.
    public MemorySize residentWithoutRegions() {
        return mappings(SmapsMapping::resident)
                .minusOrZero(mappings(m -> m.region() ? m.resident() : MemorySize.ZERO));
    }

    /// The memory of the host that its regions hold.
    public MemorySize regionsResident() {
        return mappings(m -> m.region() ? m.resident() : MemorySize.ZERO);
    }

    private MemorySize mappings(Function<SmapsMapping, MemorySize> size) {
        return SmapsMapping.of(process().pid()).stream()
                .map(size)
                .reduce(MemorySize.ZERO, MemorySize::plus);
    }

    private LabProcess running() {
        if (process == null) {
            throw new LabException("the agent was not started");
        }
        return process;
    }
}
