package io.memfabric.rdma.inside;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.region.ExportName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// One of the lenders in the other VM, as its broker would see it.
final class RemoteLender {

    private static final long START = TimeUnit.SECONDS.toNanos(60);
    private static final int ANSWER_MILLIS = 60_000;

    private final int number;
    private final UUID id = UUID.randomUUID();
    private final UUID bootId;

    private RemoteLender(int number, int regions) throws IOException {
        this.number = number;
        this.bootId = UUID.fromString(order("offer " + regions));
    }

    /// Waits until the lender is there, and has it offer so many regions.
    static RemoteLender with(int number, int regions) throws IOException {
        long end = System.nanoTime() + START;
        while (true) {
            try {
                return new RemoteLender(number, regions);
            } catch (ConnectException | NoRouteToHostException | SocketTimeoutException e) {
                if (System.nanoTime() - end > 0) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
        }
    }

    void claim(UUID grant, long epoch, long region, long generation) throws IOException {
        done("claim", grant, epoch, region, generation);
    }

    void fence(UUID grant, long epoch, long region, long generation) throws IOException {
        done("fence", grant, epoch, region, generation);
    }

    private void done(String order, UUID grant, long epoch, long region, long generation)
            throws IOException {
        String said = ask(order, grant, epoch, region, generation);
        if (!said.startsWith("DONE")) {
            throw new IOException(order + ": " + said);
        }
    }

    /// An order about a claimed region.
    String ask(String order, UUID grant, long epoch, long region, long generation)
            throws IOException {
        return order("%s %s %d %d %d".formatted(order, grant, epoch, region, generation));
    }

    ExportName name(UUID grant, long epoch, long region, long generation) {
        return new ExportName(bootId, region, generation, grant, epoch, LenderProcess.CAPABILITY);
    }

    LegPlan leg(ExportName name) {
        return new LegPlan(id, address(), name.wire());
    }

    String address() {
        InetSocketAddress data = Place.data(number);
        return data.getHostString() + ":" + data.getPort();
    }

    InetSocketAddress dataAddress() {
        return Place.data(number);
    }

    UUID id() {
        return id;
    }

    String order(String line) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(Place.orders(number), 2_000);
            socket.setSoTimeout(ANSWER_MILLIS);
            PrintStream out = new PrintStream(socket.getOutputStream(), true, US_ASCII);
            out.println(line);
            String said =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))
                            .readLine();
            return said == null ? "" : said;
        }
    }
}
