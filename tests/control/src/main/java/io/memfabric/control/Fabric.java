package io.memfabric.control;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A broker that can be killed and comes back, on a database of its own, with simulated hosts: some
/// lenders and one borrower with one VM.
final class Fabric implements AutoCloseable {

    private final Path root;
    private final Path dataDir;
    private final int port;
    private final String[] options;
    private BrokerUnderTest broker;
    private List<SimulatedHost> lenders = List.of();
    private @Nullable SimulatedHost borrower;

    private Fabric(Path root, String... options) throws IOException {
        this.root = root;
        this.options = options.clone();
        this.dataDir = BrokerUnderTest.newDataDir();
        this.port = BrokerUnderTest.freePort();
        this.broker = start();
    }

    /// @param regions that each lender offers
    /// @param options of the broker
    static Fabric start(Path root, int lenders, int regions, String... options)
            throws IOException, InterruptedException {
        Fabric fabric = new Fabric(root, options);
        try {
            fabric.broker.awaitReady();
            Rest admin = fabric.admin();
            fabric.lenders = GrantStorm.lenders(admin, lenders, regions);
            SimulatedHost borrower = SimulatedHost.enroll(admin, "borrower", 0, 1);
            fabric.borrower = borrower;
            borrower.start();
            return fabric;
        } catch (IOException | InterruptedException | RuntimeException e) {
            fabric.close();
            throw e;
        }
    }

    private BrokerUnderTest start() throws IOException {
        return BrokerUnderTest.start(root, dataDir, port, List.of(), options);
    }

    /// Kills the broker; its database ends by itself.
    void stopBroker() throws InterruptedException {
        broker.kill();
        Postmaster.awaitEnd(dataDir);
    }

    void startBroker() throws IOException, InterruptedException {
        broker = start();
        broker.awaitReady();
    }

    /// Kills the broker and starts it again at once; answers nanoTime of when it was back.
    long killBroker() throws IOException, InterruptedException {
        broker.kill();
        startBroker();
        return System.nanoTime();
    }

    GrantStorm storm() throws IOException {
        return new GrantStorm(admin(), lenders, borrower(), 2);
    }

    Rest admin() throws IOException {
        return broker.admin();
    }

    BrokerUnderTest broker() {
        return broker;
    }

    Path dataDir() {
        return dataDir;
    }

    List<SimulatedHost> lenders() {
        return lenders;
    }

    SimulatedHost borrower() {
        return Objects.requireNonNull(borrower);
    }

    @Override
    public void close() {
        lenders.forEach(SimulatedHost::close);
        if (borrower != null) {
            borrower.close();
        }
        try {
            stopBroker();
            BrokerUnderTest.deleteTree(dataDir);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
