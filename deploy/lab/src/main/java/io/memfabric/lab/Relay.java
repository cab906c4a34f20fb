package io.memfabric.lab;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Makes one address of a namespace's network reachable from the machine: a relay inside, from a
/// unix socket to that address, and one outside, from a free port of 127.0.0.1 to the socket.
///
/// @param url where the machine reaches it
record Relay(URI url, LabProcess inside, Process outside, Path log) {

    /// Starts both relays.
    ///
    /// @param socket a path in the namespace
    /// @param target `address:port` in the namespace's network
    static Relay open(Namespace namespace, String socket, String target, Path logs) {
        Path log = logs.resolve("relay.log");
        LabProcess inside =
                LabProcess.start(
                        namespace,
                        "relay",
                        List.of("socat", "UNIX-LISTEN:" + socket + ",fork", "TCP:" + target),
                        Map.of(),
                        log);
        int port = freePort();
        Process outside =
                ParentThread.start(
                        new ProcessBuilder(
                                        "setpriv",
                                        "--pdeathsig",
                                        "KILL",
                                        "setsid",
                                        "socat",
                                        "TCP-LISTEN:" + port + ",bind=127.0.0.1,fork,reuseaddr",
                                        "UNIX-CONNECT:" + namespace.path(socket))
                                .redirectErrorStream(true)
                                .redirectOutput(Redirect.appendTo(log.toFile())));
        return new Relay(URI.create("http://127.0.0.1:" + port), inside, outside, log);
    }

    /// Makes sure that both relays run.
    ///
    /// @throws LabException where one has ended
    void mustLive() {
        inside.mustLive();
        if (!outside.isAlive()) {
            throw new LabException("the relay at " + url + " has ended; log: " + log);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new LabException("no free port on 127.0.0.1", e);
        }
    }
}
