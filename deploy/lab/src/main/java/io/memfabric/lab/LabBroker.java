package io.memfabric.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The broker of a lab. It runs in the fabric's network; two relays make it reachable from the
/// machine, at a free port of 127.0.0.1.
public final class LabBroker {

    private static final int PORT = 8080;
    private static final String DATA = "/run/lab/broker";
    private static final String RELAY = "/run/lab/broker.sock";
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Namespace fabric;
    private final Built built;
    private final Path logs;
    private @Nullable LabProcess process;
    private @Nullable URI url;
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
                                "--memfabric.data-dir=" + DATA),
                        Map.of("TMPDIR", "/run/lab/tmp"),
                        logs.resolve("broker.log"));
    }

    /// Waits until the broker answers, and makes it reachable from the machine.
    public void awaitReady() {
        LabProcess started = running();
        if (url == null) {
            url = relay();
        }
        Path tokenFile = fabric.path(DATA + "/admin-token");
        Await.that("the broker's token", LIMIT, () -> live(started) && Files.exists(tokenFile));
        try {
            client = new BrokerClient(url, Files.readString(tokenFile).strip());
        } catch (IOException e) {
            throw new LabException("cannot read the broker's token", e);
        }
        Await.that("the broker to answer", LIMIT, () -> live(started) && answers());
    }

    private static boolean live(LabProcess started) {
        started.mustLive();
        return true;
    }

    private boolean answers() {
        try {
            return client().tryGet("/api/v1/capacity").ok();
        } catch (LabException e) {
            return false;
        }
    }

    private URI relay() {
        LabProcess.start(
                fabric,
                "relay",
                List.of(
                        "socat",
                        "UNIX-LISTEN:" + RELAY + ",fork",
                        "TCP:" + Lab.BROKER_ADDRESS + ":" + PORT),
                Map.of(),
                logs.resolve("relay.log"));
        int port = freePort();
        ParentThread.start(
                new ProcessBuilder(
                                "setpriv",
                                "--pdeathsig",
                                "KILL",
                                "setsid",
                                "socat",
                                "TCP-LISTEN:" + port + ",bind=127.0.0.1,fork,reuseaddr",
                                "UNIX-CONNECT:" + fabric.path(RELAY))
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        logs.resolve("relay.log").toFile())));
        return URI.create("http://127.0.0.1:" + port);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new LabException("no free port on 127.0.0.1", e);
        }
    }

    /// Ends the broker's process at once, as a crash would.
    public void kill() {
        running().kill();
    }

    /// Where the agents reach the broker.
    String urlInFabric() {
        return "http://" + Lab.BROKER_ADDRESS + ":" + PORT;
    }

    /// Where the machine reaches the broker.
    public URI url() {
        if (url == null) {
            throw new LabException("the broker was not started");
        }
        return url;
    }

    /// Its API token.
    public String token() {
        try {
            return Files.readString(fabric.path(DATA + "/admin-token")).strip();
        } catch (IOException e) {
            throw new LabException("cannot read the broker's token", e);
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
