package io.memfabric.agent.brokerlink;

import io.memfabric.contract.agent.CertificateRenewal;
import io.memfabric.contract.agent.CommandBatch;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.EnrollRequest;
import io.memfabric.contract.agent.EnrollResponse;
import io.memfabric.contract.agent.GrowthReply;
import io.memfabric.contract.agent.GrowthRequest;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.IssuedCertificate;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.RoundTripReply;
import io.memfabric.contract.agent.RoundTripReport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The broker's agent API, one method a call. Every call has a deadline, every answer a bound.
final class BrokerClient implements AutoCloseable {

    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String COMMANDS = "/agent/v1/commands";
    private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;
    private static final int SERVER_ERRORS = 500;
    private static final int MAX_PROBLEM_CHARS = 300;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final List<URI> brokers;

    /// Which of them is asked; another one after each failure to reach it. Hosts begin anywhere, so
    /// that the brokers share them.
    private final AtomicInteger asked =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 20));

    /// The request that waits for commands, for as long as it does.
    private volatile @Nullable CompletableFuture<?> waiting;

    private final ReportDeltas deltas = new ReportDeltas();
    private final Optional<BrokerTls> tls;
    private @Nullable SSLContext context;
    private @Nullable HttpClient client;

    /// @param tls empty where the network is trusted
    BrokerClient(List<URI> brokers, Optional<BrokerTls> tls) {
        this.brokers = List.copyOf(brokers);
        this.tls = tls;
    }

    /// The connections in force: new ones as soon as the host has a new certificate.
    private synchronized HttpClient http() throws IOException {
        SSLContext now = tls.isEmpty() ? null : tls.get().context();
        if (client != null && Objects.equals(now, context)) {
            return client;
        }
        if (client != null) {
            client.shutdown();
        }
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .executor(
                                Executors.newThreadPerTaskExecutor(
                                        Thread.ofVirtual().name("broker-http-", 0).factory()));
        if (now != null) {
            builder.sslContext(now);
        }
        context = now;
        client = builder.build();
        return client;
    }

    EnrollResponse enroll(String joinToken, EnrollRequest request)
            throws IOException, InterruptedException {
        return post("/agent/v1/enroll", joinToken, request, LONG, EnrollResponse.class);
    }

    IssuedCertificate renew(String token, CertificateRenewal renewal)
            throws IOException, InterruptedException {
        return post("/agent/v1/certificates", token, renewal, LONG, IssuedCertificate.class);
    }

    RoundTripReply roundTrips(String token, RoundTripReport report)
            throws IOException, InterruptedException {
        return post("/agent/v1/round-trips", token, report, SHORT, RoundTripReply.class);
    }

    /// Sends what changed since the report before, where the broker has answered that one.
    ReportReply report(String token, HostReport report) throws IOException, InterruptedException {
        HostReport said = deltas.next(report);
        deltas.forget();
        ReportReply reply = post("/agent/v1/reports", token, said, SHORT, ReportReply.class);
        deltas.heard(said);
        return reply;
    }

    void inventory(String token, HostInventory inventory) throws IOException, InterruptedException {
        send(posting("/agent/v1/inventories", token, inventory, LONG));
    }

    void decisions(String token, DecisionReport decisions)
            throws IOException, InterruptedException {
        send(posting("/agent/v1/decisions", token, decisions, SHORT));
    }

    GrowthReply grow(String token, GrowthRequest request) throws IOException, InterruptedException {
        return post("/agent/v1/growth", token, request, SHORT, GrowthReply.class);
    }

    GrowthReply growth(String token, UUID requestId) throws IOException, InterruptedException {
        String path = "/agent/v1/growth/" + requestId;
        return read(send(request(path, token, SHORT).GET().build()), GrowthReply.class);
    }

    GrowthReply giveBack(String token, UUID requestId) throws IOException, InterruptedException {
        String path = "/agent/v1/growth/" + requestId;
        return read(send(request(path, token, SHORT).DELETE().build()), GrowthReply.class);
    }

    void result(String token, CommandResult result) throws IOException, InterruptedException {
        send(posting("/agent/v1/results", token, result, SHORT));
    }

    /// Waits at the broker until there is something new.
    CommandBatch commands(String token, long revision, Duration wait)
            throws IOException, InterruptedException {
        String path = COMMANDS + "?revision=" + revision + "&wait=" + wait.toSeconds();
        byte[] body = send(request(path, token, wait.plus(SHORT)).GET().build());
        return read(body, CommandBatch.class);
    }

    private <T> T post(String path, String token, Object body, Duration deadline, Class<T> answer)
            throws IOException, InterruptedException {
        return read(send(posting(path, token, body, deadline)), answer);
    }

    private HttpRequest posting(String path, String token, Object body, Duration deadline) {
        return request(path, token, deadline)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build();
    }

    private HttpRequest.Builder request(String path, String token, Duration deadline) {
        return HttpRequest.newBuilder(URI.create(broker() + path))
                .timeout(deadline)
                .header("Accept", "application/json, application/problem+json")
                .header("Authorization", "Bearer " + token);
    }

    private URI broker() {
        return brokers.get(Math.floorMod(asked.get(), brokers.size()));
    }

    /// Goes on with the next broker, where there is one.
    void moveOn() {
        if (brokers.size() > 1) {
            asked.incrementAndGet();
            stopWaiting();
        }
    }

    /// A broker that was paused while another took its place is left.
    void checkTerm(BrokerTerm known, long term) throws IOException {
        if (!known.admits(term)) {
            if (term != 0) {
                moveOn();
            }
            throw new IOException(
                    "broker_overtaken: a broker of term %d, after one of term %d"
                            .formatted(term, known.latest()));
        }
    }

    /// Whoever waits at the broker before would hear of nothing any more.
    private void stopWaiting() {
        CompletableFuture<?> poll = waiting;
        if (poll != null) {
            poll.cancel(true);
        }
    }

    /// Goes on with the next broker, unless another conversation has done so already.
    private void leave(HttpRequest request) {
        int now = asked.get();
        if (request.uri().toString().startsWith(broker().toString())) {
            if (brokers.size() > 1 && asked.compareAndSet(now, now + 1)) {
                stopWaiting();
            }
        }
    }

    private byte[] send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = receive(request);
        byte[] body = response.body();
        if (response.statusCode() / 100 != 2) {
            if (response.statusCode() >= SERVER_ERRORS) {
                leave(request);
            }
            throw new BrokerException(
                    response.statusCode(),
                    request.uri().getPath()
                            + " was answered "
                            + response.statusCode()
                            + problem(body));
        }
        return body;
    }

    /// The request's own time limit ends with the answer's headers; this one covers its body too.
    private HttpResponse<byte[]> receive(HttpRequest request)
            throws IOException, InterruptedException {
        Duration deadline = request.timeout().orElse(LONG).plus(SHORT);
        CompletableFuture<HttpResponse<byte[]>> answer =
                http().sendAsync(
                                request,
                                BodyHandlers.limiting(
                                        BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
        if (request.uri().getPath().equals(COMMANDS)) {
            waiting = answer;
        }
        try {
            return answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            leave(request);
            throw new IOException("no answer within " + deadline.toSeconds() + " s", e);
        } catch (CancellationException e) {
            throw new IOException("another broker is asked from now on", e);
        } catch (ExecutionException e) {
            leave(request);
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        }
    }

    private static <T> T read(byte[] body, Class<T> type) throws IOException {
        try {
            T value = JSON.readValue(body, type);
            if (value == null) {
                throw new IOException("the broker answered null");
            }
            return value;
        } catch (JacksonException e) {
            throw new IOException(
                    "the broker's answer is not a "
                            + type.getSimpleName()
                            + ": "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    /// The code and detail of a problem document, as far as there is one.
    private static String problem(byte[] body) {
        try {
            JsonNode problem = JSON.readTree(body);
            String text =
                    " "
                            + problem.path("code").asString("")
                            + " "
                            + problem.path("detail").asString("");
            return text.substring(0, Math.min(text.length(), MAX_PROBLEM_CHARS)).stripTrailing();
        } catch (JacksonException e) {
            return "";
        }
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdownNow();
        }
    }
}
