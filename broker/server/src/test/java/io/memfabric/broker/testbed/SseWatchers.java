package io.memfabric.broker.testbed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/// A process with many watchers of the broker's events: says when all watch, and then, for each
/// marked event at each watcher, after how many nanoseconds it was there. The mark is the moment at
/// which it was written, by the clock that all processes of a machine share.
public final class SseWatchers {

    private static final String MARK = "\"type\":\"bench_mark\"";
    private static final String DETAIL = "\"detail\":\"";

    private SseWatchers() {}

    /// Arguments: the broker's address, its token, how many watchers, how many marks, after which
    /// event to begin.
    public static void main(String[] arguments) throws Exception {
        URI broker = URI.create(arguments[0]);
        int watchers = Integer.parseInt(arguments[2]);
        int marks = Integer.parseInt(arguments[3]);
        CountDownLatch ready = new CountDownLatch(watchers);
        Queue<Long> delays = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < watchers; i++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(
                                    () ->
                                            watch(
                                                    broker,
                                                    arguments[1],
                                                    arguments[4],
                                                    marks,
                                                    ready,
                                                    delays)));
        }
        ready.await();
        System.out.println("ready");
        for (Thread thread : threads) {
            thread.join();
        }
        delays.forEach(System.out::println);
    }

    private static void watch(
            URI broker,
            String token,
            String after,
            int marks,
            CountDownLatch ready,
            Queue<Long> delays) {
        try (Socket socket = new Socket(broker.getHost(), broker.getPort())) {
            socket.getOutputStream()
                    .write(
                            ("GET /api/v1/events?after="
                                            + after
                                            + " HTTP/1.1\r\nHost: b\r\n"
                                            + "Accept: text/event-stream\r\nAuthorization: Bearer "
                                            + token
                                            + "\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8),
                            1024);
            String status = lines.readLine();
            if (status == null || !status.startsWith("HTTP/1.1 200")) {
                throw new IOException("a watcher was answered " + status);
            }
            int seen = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(": memfabric events")) {
                    ready.countDown();
                }
                if (line.startsWith("data: ") && line.contains(MARK)) {
                    int from = line.indexOf(DETAIL) + DETAIL.length();
                    long sent = Long.parseLong(line.substring(from, line.indexOf('"', from)));
                    delays.add(System.nanoTime() - sent);
                    if (++seen == marks) {
                        return;
                    }
                }
            }
            throw new IOException("a stream ended after " + seen + " marks");
        } catch (IOException e) {
            System.err.println(e);
            System.exit(1);
        }
    }
}
