package io.memfabric.lab;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The broker of a lab. It runs in the fabric's network; two relays make it reachable from the
/// machine, at a free port of 127.0.0.1.
public final class LabBroker {

    private static final Pattern FIRST_PASSWORD =
            Pattern.compile("sign in to the dashboard as admin with the password (\\S+) ");

    private static final int PORT = 8080;
    private static final int AGENT_PORT = 7443;
    private static final String DATA = "/run/lab/broker";
    private static final String SOCKET = "/run/lab/broker.sock";
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Namespace fabric;
    private final Built built;
    private final Path logs;
    private @Nullable LabProcess process;
    private @Nullable Relay relay;
    private @Nullable BrokerClient client;

    LabBroker(Namespace fabric, Built built, Path logs) {
        this.fabric = fabric;
        this.built = built;
        this.logs = logs;
    }

    /// Starts the broker's process, on the data of an earlier start where there are any.
    public void start() {
        process =
                LabProcess.start(
                        fabric,
                        "broker",
                        List.of(
                                Built.java().toString(),
                                "-Xmx384m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:-UsePerfData",
                                "-Djava.io.tmpdir=/run/lab/tmp",
                                "--enable-native-access=ALL-UNNAMED",
                                "-jar",
                                built.brokerJar().toString(),
                                "--server.address=" + Lab.BROKER_ADDRESS,
                                "--server.port=" + PORT,
                                "--memfabric.agents.port=" + AGENT_PORT,
                                "--memfabric.data-dir=" + DATA),
                        Map.of("TMPDIR", "/run/lab/tmp"),
                        logs.resolve("broker.log"));
    }

    /// Waits until the broker answers, and makes it reachable from the machine.
    public void awaitReady() {
        LabProcess started = running();
        Relay way = relay();
        Path tokenFile = fabric.path(DATA + "/admin-token");
        Await.that(
                "the broker's token",
                LIMIT,
                () -> {
                    started.mustLive();
                    return Files.exists(tokenFile);
                });
        try {
            client = new BrokerClient(way.url(), Files.readString(tokenFile).strip());
        } catch (IOException e) {
            throw new LabException("cannot read the broker's token", e);
        }
        Await.that(
                "the broker to answer",
                LIMIT,
                () -> {
                    started.mustLive();
                    way.mustLive();
                    return answers();
                });
    }

    private Relay relay() {
        if (relay == null) {
            relay = Relay.open(fabric, SOCKET, Lab.BROKER_ADDRESS + ":" + PORT, logs);
        }
        return relay;
    }

    private boolean answers() {
        try {
            return client().tryGet("/api/v1/capacity").ok();
        } catch (LabException e) {
            return false;
        }
    }

    /// Ends the broker's process at once, as a crash would.
    public void kill() {
        running().kill();
    }

    /// Ends it in the same way, and waits until its database has followed it.
    public void killWithDatabase() {
        kill();
        Path running = database().resolve("postmaster.pid");
        Await.that("the end of the broker's database", LIMIT, () -> !Files.exists(running));
    }

    /// The files of its database.
    public Path database() {
        return fabric.path(DATA + "/postgres");
    }

    /// Where the agents reach the broker.
    String urlInFabric() {
        return "https://" + Lab.BROKER_ADDRESS + ":" + AGENT_PORT;
    }

    /// Where the machine reaches the broker.
    public URI url() {
        if (relay == null) {
            throw new LabException("the broker was not started");
        }
        return relay.url();
    }

    /// Its API token.
    public String token() {
        try {
            return Files.readString(fabric.path(DATA + "/admin-token")).strip();
        } catch (IOException e) {
            throw new LabException("cannot read the broker's token", e);
        }
    }

    /// The first password of the dashboard's account `admin`, which it printed when it first started.
    public String password() {
        try (Stream<String> lines = Files.lines(logs.resolve("broker.log"))) {
            return lines.map(FIRST_PASSWORD::matcher)
                    .filter(Matcher::find)
                    .map(found -> found.group(1))
                    .findFirst()
                    .orElseThrow(() -> new LabException("the broker printed no password"));
        } catch (IOException e) {
            throw new LabException("cannot read the broker's log", e);
        }
    }

    /// A client with the admin's token.
    public BrokerClient client() {
        if (client == null) {
            throw new LabException("the broker was not started");
        }
        return client;
    }

    private LabProcess running() {
        if (process == null) {
            throw new LabException("the broker was not started");
        }
        return process;
    }
}
