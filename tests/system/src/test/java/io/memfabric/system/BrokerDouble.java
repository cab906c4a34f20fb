package io.memfabric.system;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.CommandBatch;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.SpillReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// What an agent that has enrolled needs of a broker: takes its reports and hands out commands that a
/// test gives.
final class BrokerDouble implements AutoCloseable {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpServer server;
    private final Map<UUID, CommandResult> results = new ConcurrentHashMap<>();
    private final List<AgentCommand> commands = new ArrayList<>();
    private long revision = 1;
    private volatile List<LegReport> legs = List.of();
    private volatile @Nullable SpillReport spill;
    private final AtomicLong inventories = new AtomicLong();

    BrokerDouble() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/agent/v1/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /// The legs that are not whole, as the agent said last.
    List<LegReport> legs() {
        return legs;
    }

    /// The regions on the agent's disk, as it said last.
    @Nullable SpillReport spill() {
        return spill;
    }

    long inventories() {
        return inventories.get();
    }

    synchronized void give(AgentCommand command) {
        commands.add(command);
        revision++;
        notifyAll();
    }

    /// The answer to a command, or nothing yet.
    boolean isDone(UUID commandId) {
        CommandResult result = results.get(commandId);
        if (result != null && result.outcome() != CommandResult.Outcome.DONE) {
            throw new IllegalStateException("refused: " + result);
        }
        return result != null;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String call = exchange.getRequestURI().getPath().substring("/agent/v1/".length());
            switch (call) {
                case "reports" ->
                        answer(
                                exchange,
                                200,
                                new ReportReply(HarvestMode.OBSERVE, 0, false, null, 0, false));
                case "inventories" -> {
                    HostInventory inventory = json.readValue(body, HostInventory.class);
                    spill = inventory.spill();
                    legs = inventory.grants().stream().flatMap(g -> g.legs().stream()).toList();
                    inventories.incrementAndGet();
                    exchange.sendResponseHeaders(204, -1);
                }
                case "decisions" -> exchange.sendResponseHeaders(204, -1);
                case "results" -> {
                    CommandResult result = json.readValue(body, CommandResult.class);
                    finish(result);
                    exchange.sendResponseHeaders(204, -1);
                }
                case "commands" ->
                        answer(exchange, 200, batch(exchange.getRequestURI().getQuery()));
                default -> exchange.sendResponseHeaders(404, -1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void finish(CommandResult result) {
        results.put(result.commandId(), result);
        commands.removeIf(command -> command.commandId().equals(result.commandId()));
    }

    private synchronized CommandBatch batch(String query) throws InterruptedException {
        long known = Long.parseLong(query.replaceAll(".*revision=(\\d+).*", "$1"));
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (known == revision && System.nanoTime() < end) {
            wait(LONGEST_WAIT.toMillis());
        }
        return new CommandBatch(revision, 0, List.copyOf(commands));
    }

    private void answer(HttpExchange exchange, int status, Object body) throws IOException {
        byte[] bytes = json.writeValueAsBytes(body);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
