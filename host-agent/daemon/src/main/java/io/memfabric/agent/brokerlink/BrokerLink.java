package io.memfabric.agent.brokerlink;

import io.memfabric.agent.certificate.CertificateRequest;
import io.memfabric.agent.certificate.HostCertificates;
import io.memfabric.contract.agent.CertificateRenewal;
import io.memfabric.contract.agent.CommandBatch;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.EnrollRequest;
import io.memfabric.contract.agent.EnrollResponse;
import io.memfabric.contract.agent.GrowthReply;
import io.memfabric.contract.agent.GrowthRequest;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.IssuedCertificate;
import io.memfabric.contract.agent.ReportReply;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Keeps in touch with the broker, which may be away for any time: one conversation reports, one
/// waits for commands, one delivers results. None of them ever gives up or waits without bound.
public final class BrokerLink implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(BrokerLink.class.getName());

    private final Enrollment enrollment;
    private final HostSide host;
    private final LinkTiming timing;
    private final BrokerClient client;
    private final ResultOutbox outbox = new ResultOutbox();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    /// Has a permit where an inventory is due.
    private final Semaphore inventoryDue = new Semaphore(0);

    /// Whether the log says already that the broker wants none.
    private boolean decisionsUnwanted;

    /// How this host joins.
    ///
    /// @param joinTokenFile the one-time token; not needed once the host has an identity
    /// @param identityFile where the identity is kept
    /// @param certificates what it asks the broker to certify
    public record Enrollment(
            URI broker,
            Optional<Path> joinTokenFile,
            Path identityFile,
            Host host,
            HostCertificates certificates) {}

    /// What this host says of itself when it joins.
    public record Host(String name, String dataAddress, String agentVersion) {

        private EnrollRequest request(CertificateRequest certificate) {
            return new EnrollRequest(name, dataAddress, agentVersion, certificate.pem());
        }
    }

    public BrokerLink(Enrollment enrollment, HostSide host) {
        this(enrollment, host, LinkTiming.NORMAL);
    }

    BrokerLink(Enrollment enrollment, HostSide host, LinkTiming timing) {
        this.enrollment = enrollment;
        this.host = host;
        this.timing = timing;
        this.client = new BrokerClient(enrollment.broker());
    }

    /// Starts the conversations.
    ///
    /// @throws IOException where the host has an identity that cannot be read, or has none and no
    ///     join token to get one with
    public void start() throws IOException {
        Optional<AgentIdentity> identity = AgentIdentity.load(enrollment.identityFile());
        if (identity.isEmpty() && enrollment.joinTokenFile().isEmpty()) {
            throw new IOException(
                    "the host has not enrolled yet and broker.join-token-file is not set");
        }
        threads.add(
                Thread.ofVirtual()
                        .name("broker-link")
                        .start(() -> untilInterrupted(() -> converse(identity))));
    }

    /// Delivers a command's result, as often as it takes.
    public void answer(CommandResult result) {
        outbox.add(result);
    }

    /// Regions or grants changed: the broker gets a full inventory at once. Does not wait.
    public void inventoryChanged() {
        if (inventoryDue.availablePermits() == 0) {
            inventoryDue.release();
        }
    }

    private interface Conversation {
        void run() throws InterruptedException;
    }

    private static void untilInterrupted(Conversation conversation) {
        try {
            conversation.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void converse(Optional<AgentIdentity> known) throws InterruptedException {
        AgentIdentity identity = known.isPresent() ? known.get() : enroll();
        String token = identity.agentToken();
        threads.add(
                Thread.ofVirtual()
                        .name("broker-commands")
                        .start(() -> untilInterrupted(() -> takeCommands(token))));
        threads.add(
                Thread.ofVirtual()
                        .name("broker-certificates")
                        .start(() -> untilInterrupted(() -> renewCertificates(identity))));
        threads.add(
                Thread.ofVirtual()
                        .name("broker-results")
                        .start(() -> untilInterrupted(() -> deliverResults(token))));
        RoundTripTalk roundTrips = new RoundTripTalk(client, host, timing);
        threads.add(
                Thread.ofVirtual()
                        .name("broker-round-trips")
                        .start(() -> untilInterrupted(() -> roundTrips.talk(token))));
        report(token);
    }

    private AgentIdentity enroll() throws InterruptedException {
        BackOff backOff = timing.backOff();
        while (true) {
            try {
                Path file = enrollment.joinTokenFile().orElseThrow();
                String joinToken = Files.readString(file).strip();
                if (!joinToken.matches("[!-~]{8,512}")) {
                    throw new IOException(file + " holds no join token");
                }
                CertificateRequest request = enrollment.certificates().request();
                EnrollResponse response =
                        client.enroll(joinToken, enrollment.host().request(request));
                AgentIdentity identity =
                        new AgentIdentity(response.hostId(), response.agentToken());
                identity.store(enrollment.identityFile());
                LOG.log(Level.INFO, "enrolled as host {0}", identity.hostId());
                takeFirst(request, response);
                return identity;
            } catch (IOException e) {
                sleepAfter("join_refused", "enrollment", e, backOff);
            }
        }
    }

    /// The join token is used up: a certificate that cannot be taken must not undo the enrollment.
    /// The renewal asks for another.
    private void takeFirst(CertificateRequest request, EnrollResponse response) {
        try {
            accept(request, response.hostId(), response.certificate());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the first certificate is not used: {0}", e.getMessage());
        }
    }

    private void accept(CertificateRequest request, UUID hostId, IssuedCertificate issued)
            throws IOException {
        enrollment.certificates().accept(request, hostId, issued.hostPem(), issued.authorityPem());
    }

    /// Keeps the certificate valid: a new one at two thirds of its life, with a new key.
    private void renewCertificates(AgentIdentity identity) throws InterruptedException {
        BackOff backOff = timing.backOff();
        while (true) {
            Instant due = enrollment.certificates().renewAt(identity.hostId());
            if (Instant.now().isBefore(due)) {
                Thread.sleep(timing.report());
                continue;
            }
            try {
                CertificateRequest request = enrollment.certificates().request();
                accept(
                        request,
                        identity.hostId(),
                        client.renew(identity.agentToken(), new CertificateRenewal(request.pem())));
                backOff.reset();
            } catch (IOException | RuntimeException e) {
                sleepAfter("agent_refused", "certificate", e, backOff);
            }
        }
    }

    private void report(String token) throws InterruptedException {
        BackOff backOff = timing.backOff();
        long sequence = 0;
        long lastInventory = System.nanoTime();
        boolean connected = false;
        long told = 0;
        while (true) {
            long start = System.nanoTime();
            try {
                Optional<HostReport> report = host.report(sequence + 1);
                if (report.isPresent()) {
                    sequence++;
                    ReportReply reply = client.report(token, report.get());
                    host.heard(reply);
                    if (!connected) {
                        LOG.log(Level.INFO, "the broker answers");
                        connected = true;
                        inventoryChanged();
                        told = 0;
                    }
                    if (reply.inventoryWanted()
                            || inventoryDue.availablePermits() > 0
                            || start - lastInventory >= timing.inventory().toNanos()) {
                        lastInventory = start;
                        sendInventory(token);
                    }
                    runErrands(token);
                    told = sendDecisions(token, told);
                }
                backOff.reset();
                long next = start + timing.report().toNanos();
                while (connected && awaitChange(next)) {
                    lastInventory = System.nanoTime();
                    sendInventory(token);
                }
                sleepUntil(next);
            } catch (IOException | RuntimeException e) {
                connected = false;
                sleepAfter("agent_refused", "report", e, backOff);
            }
        }
    }

    private void runErrands(String token) throws IOException, InterruptedException {
        for (GrowthErrand errand : host.growth()) {
            try {
                GrowthReply reply =
                        switch (errand.kind()) {
                            case ASK ->
                                    client.grow(
                                            token,
                                            new GrowthRequest(
                                                    errand.requestId(),
                                                    errand.vmId(),
                                                    errand.bytes()));
                            case LOOK -> client.growth(token, errand.requestId());
                            case GIVE_BACK -> client.giveBack(token, errand.requestId());
                        };
                GrowthErrand.Answer answer =
                        switch (reply.state()) {
                            case LIVE -> GrowthErrand.Answer.LIVE;
                            case LEAVING -> GrowthErrand.Answer.LEAVING;
                            case GONE -> GrowthErrand.Answer.GONE;
                        };
                host.growthAnswered(errand, answer, "grant " + reply.grantId());
            } catch (BrokerException e) {
                if (!e.isFinal()) {
                    // The next report tries again; what fails here must not slow reports down.
                    LOG.log(Level.WARNING, "growth of {0}: {1}", errand.vmId(), e.getMessage());
                    return;
                }
                boolean gone = e.isNotFound() && errand.kind() != GrowthErrand.Kind.ASK;
                host.growthAnswered(
                        errand,
                        gone ? GrowthErrand.Answer.GONE : GrowthErrand.Answer.REFUSED,
                        String.valueOf(e.getMessage()));
            }
        }
    }

    /// Waits for a change until then. What changes together, like all legs on a connection, is told
    /// together.
    ///
    /// @return false where nothing changed
    private boolean awaitChange(long until) throws InterruptedException {
        if (!inventoryDue.tryAcquire(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        Thread.sleep(timing.gather());
        return true;
    }

    /// Explanations come last: nothing else waits for them. A broker that forgot them with its last
    /// process hears them again.
    private long sendDecisions(String token, long told) throws IOException, InterruptedException {
        DecisionReport news = host.decisions(told);
        if (news.decisions().isEmpty()) {
            return told;
        }
        try {
            client.decisions(token, news);
        } catch (BrokerException e) {
            if (!e.isFinal()) {
                throw e;
            }
            if (!decisionsUnwanted) {
                decisionsUnwanted = true;
                LOG.log(Level.WARNING, "the broker wants no decisions: {0}", e.getMessage());
            }
        }
        return news.decisions().getLast().sequence();
    }

    private void sendInventory(String token) throws IOException, InterruptedException {
        // Before the look: what changes after it is told with the next.
        var _ = inventoryDue.drainPermits();
        try {
            client.inventory(token, host.inventory());
        } catch (IOException e) {
            inventoryChanged();
            throw e;
        }
    }

    private void takeCommands(String token) throws InterruptedException {
        BackOff backOff = timing.backOff();
        long revision = 0;
        while (true) {
            long start = System.nanoTime();
            try {
                CommandBatch batch = client.commands(token, revision, timing.commandWait());
                batch.commands().forEach(host::take);
                boolean nothingNew = batch.revision() == revision;
                revision = batch.revision();
                backOff.reset();
                if (nothingNew) {
                    // A broker that answers too early is not asked more than once a report.
                    sleepUntil(start + timing.report().toNanos());
                }
            } catch (IOException | RuntimeException e) {
                sleepAfter("agent_refused", "commands", e, backOff);
            }
        }
    }

    private void deliverResults(String token) throws InterruptedException {
        BackOff backOff = timing.backOff();
        while (true) {
            CommandResult result = outbox.first();
            try {
                client.result(token, result);
                outbox.accepted(result);
                backOff.reset();
            } catch (BrokerException e) {
                if (e.isFinal()) {
                    LOG.log(
                            Level.WARNING,
                            "the broker does not want the result of {0}: {1}",
                            result.commandId(),
                            e.getMessage());
                    outbox.accepted(result);
                } else {
                    sleepAfter("agent_refused", "result", e, backOff);
                }
            } catch (IOException e) {
                sleepAfter("agent_refused", "result", e, backOff);
            }
        }
    }

    private void sleepAfter(String refusedCode, String what, Exception e, BackOff backOff)
            throws InterruptedException {
        boolean refused = e instanceof BrokerException problem && problem.isUnauthorized();
        Duration pause = refused ? timing.refused() : backOff.step();
        LOG.log(
                Level.WARNING,
                "{0}: {1}: {2}; next try in {3} ms",
                refused ? refusedCode : "broker_unreachable",
                what,
                e.getMessage() == null ? e.toString() : e.getMessage(),
                pause.toMillis());
        Thread.sleep(pause);
    }

    private static void sleepUntil(long nanoTime) throws InterruptedException {
        long left = nanoTime - System.nanoTime();
        if (left > 0) {
            Thread.sleep(Duration.ofNanos(left));
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        client.close();
    }
}
