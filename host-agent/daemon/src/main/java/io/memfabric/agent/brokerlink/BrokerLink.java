package io.memfabric.agent.brokerlink;

import io.memfabric.agent.certificate.CertificateRequest;
import io.memfabric.agent.certificate.HostCertificates;
import io.memfabric.contract.agent.CertificateRenewal;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.EnrollRequest;
import io.memfabric.contract.agent.EnrollResponse;
import io.memfabric.contract.agent.IssuedCertificate;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps in touch with the broker, which may be away for any time: one conversation reports, one
/// waits for commands, one delivers results. None of them ever gives up or waits without bound.
public final class BrokerLink implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(BrokerLink.class.getName());

    private final Enrollment enrollment;
    private final HostSide host;
    private final LinkTiming timing;
    private volatile BrokerClient client;
    private final ResultOutbox outbox = new ResultOutbox();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    /// The fingerprint that brokers are known by; empty while the network is trusted.
    private volatile Optional<String> secured = Optional.empty();

    private final InventoryDue due = new InventoryDue();

    /// How this host joins.
    ///
    /// @param brokers where the broker is; several on one ledger are tried in turn
    /// @param joinTokenFile the one-time token; not needed once the host has an identity
    /// @param identityFile where the identity is kept
    /// @param certificates what it asks the broker to certify
    /// @param security how the broker is known
    public record Enrollment(
            List<URI> brokers,
            Optional<Path> joinTokenFile,
            Path identityFile,
            Host host,
            HostCertificates certificates,
            Security security) {}

    /// How agent and broker know each other.
    ///
    /// @param mutualTls whether by certificates; if not, the network is trusted
    /// @param authorityFile the certificate of the fabric's authority, where an operator brought it
    public record Security(boolean mutualTls, Optional<Path> authorityFile) {}

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
        this.client = new BrokerClient(enrollment.brokers(), Optional.empty());
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
        Optional<String> pin = pin(identity);
        if (pin.isPresent()) {
            secure(pin.get());
        }
        threads.add(
                Thread.ofVirtual()
                        .name("broker-link")
                        .start(() -> untilInterrupted(() -> converse(identity))));
    }

    /// What brokers are known by, as far as it is known before the host has joined.
    private Optional<String> pin(Optional<AgentIdentity> identity) throws IOException {
        if (!enrollment.security().mutualTls()) {
            return Optional.empty();
        }
        Optional<Path> file = enrollment.security().authorityFile();
        if (file.isPresent()) {
            return Optional.of(BrokerTls.pinOf(file.get()));
        }
        Optional<String> kept = identity.map(AgentIdentity::authority);
        if (identity.isPresent() && kept.isEmpty()) {
            throw new IOException(
                    "broker_unknown: the host enrolled over a trusted network; set"
                            + " broker.authority-file, or let it enroll again");
        }
        return kept;
    }

    private void secure(String pin) {
        client =
                new BrokerClient(
                        enrollment.brokers(),
                        Optional.of(new BrokerTls(enrollment.certificates(), pin)));
        secured = Optional.of(pin);
    }

    /// A token without a fingerprint is as good as none where nothing else says who the broker is.
    private void secureBy(String joinToken) throws IOException {
        if (enrollment.security().mutualTls() && secured.isEmpty()) {
            secure(
                    BrokerTls.pinOf(joinToken)
                            .orElseThrow(
                                    () ->
                                            new IOException(
                                                    "broker_unknown: the join token has no"
                                                            + " fingerprint of the authority and"
                                                            + " broker.authority-file is not"
                                                            + " set")));
        }
    }

    /// Delivers a command's result, as often as it takes.
    public void answer(CommandResult result) {
        outbox.add(result);
    }

    /// Regions or grants changed: the broker gets a full inventory at once. Does not wait.
    public void inventoryChanged() {
        due.release();
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
        BrokerTerm term =
                BrokerTerm.load(
                        enrollment.identityFile().resolveSibling("broker-term"), identity.hostId());
        CommandTalk commands = new CommandTalk(client, host, timing, term);
        threads.add(
                Thread.ofVirtual()
                        .name("broker-commands")
                        .start(() -> untilInterrupted(() -> commands.talk(token))));
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
        new ReportTalk(client, host, timing, term, due).talk(token);
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
                secureBy(joinToken);
                CertificateRequest request = enrollment.certificates().request();
                EnrollResponse response =
                        client.enroll(joinToken, enrollment.host().request(request));
                AgentIdentity identity =
                        new AgentIdentity(
                                response.hostId(), response.agentToken(), secured.orElse(null));
                identity.store(enrollment.identityFile());
                LOG.log(Level.INFO, "enrolled as host {0}", identity.hostId());
                takeFirst(request, response);
                return identity;
            } catch (IOException e) {
                timing.sleepAfter("join_refused", "enrollment", e, backOff);
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
                timing.sleepAfter("agent_refused", "certificate", e, backOff);
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
                    timing.sleepAfter("agent_refused", "result", e, backOff);
                }
            } catch (IOException e) {
                timing.sleepAfter("agent_refused", "result", e, backOff);
            }
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        client.close();
    }
}
