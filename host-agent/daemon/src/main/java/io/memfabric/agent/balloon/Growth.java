package io.memfabric.agent.balloon;

import io.memfabric.agent.policy.BalloonDecision;
import io.memfabric.agent.policy.BalloonRules;
import io.memfabric.agent.policy.BalloonState;
import io.memfabric.agent.policy.GrowthPolicy;
import io.memfabric.agent.policy.GrowthState;
import io.memfabric.agent.policy.GrowthState.Stage;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The grants that this host asks for by itself: decided at each tick, asked for by the broker's
/// link. Requests are kept in a file before they are made, so that an agent that dies gives back
/// later what it asked for.
public final class Growth {

    private static final System.Logger LOG = System.getLogger(Growth.class.getName());
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MOST = 4096;

    /// How often the broker is asked how a grant is.
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final Path file;
    private final GrowthPolicy policy;
    private final long startedAt = System.nanoTime();
    private final Map<UUID, Duration> lookedAt = new HashMap<>();
    private GrowthState state;
    private List<Kept> kept;

    /// The grants of which the broker knows that they are to go back.
    private final Set<UUID> told = new HashSet<>();

    /// A request of a VM.
    ///
    /// @param isTold whether the broker knows that it is to go back
    public record Request(UUID vmId, GrowthState.Growth growth, boolean isTold) {}

    private record Kept(UUID vmId, UUID requestId, long bytes) {}

    private Growth(Path file, BalloonRules rules, List<Kept> kept) {
        this.file = file;
        this.policy = new GrowthPolicy(rules, UUID::randomUUID);
        this.kept = kept;
        GrowthState known = GrowthState.EMPTY;
        for (Kept one : kept) {
            known = known.remembering(one.vmId(), one.requestId(), one.bytes());
        }
        this.state = known;
    }

    /// Reads the file, or begins with nothing where there is none.
    ///
    /// @throws IOException where it cannot be read; to go on without it could keep grants for ever
    public static Growth load(Path file, BalloonRules rules) throws IOException {
        if (!Files.exists(file)) {
            return new Growth(file, rules, List.of());
        }
        try {
            Kept[] read = JSON.readValue(Files.readAllBytes(file), Kept[].class);
            if (read == null || read.length > MOST) {
                throw new IOException(file + " is not a list of requests for growth");
            }
            return new Growth(file, rules, List.of(read));
        } catch (JacksonException | NullPointerException e) {
            throw new IOException(file + " is not a list of requests for growth", e);
        }
    }

    /// Decides for every VM; what comes of it is done by the broker's link.
    synchronized List<BalloonDecision> decide(
            List<GrowthPolicy.Sight> sights, BalloonState balloons) {
        GrowthPolicy.Plan plan = policy.step(sights, state, balloons, now());
        become(plan.state());
        return plan.decisions();
    }

    /// What the broker is to be asked now: new requests, what is to be given back, and now and then
    /// how the rest is.
    public synchronized List<Request> due() {
        List<Request> due = new ArrayList<>();
        state.vms()
                .forEach(
                        (vmId, _) -> {
                            for (GrowthState.Growth growth : state.growths(vmId)) {
                                if (growth.stage() == Stage.WANTED || isDue(growth.requestId())) {
                                    boolean isTold = told.contains(growth.requestId());
                                    due.add(new Request(vmId, growth, isTold));
                                }
                            }
                        });
        return due;
    }

    private boolean isDue(UUID requestId) {
        Duration last = lookedAt.get(requestId);
        return last == null || now().minus(last).compareTo(LOOK) >= 0;
    }

    /// The grant has memory, or is to get it. One that was to go back and could not is live again.
    public synchronized void live(UUID vmId, UUID requestId) {
        lookedAt.put(requestId, now());
        told.remove(requestId);
        become(state.live(vmId, requestId));
    }

    /// The grant is on its way back.
    public synchronized void leaving(UUID requestId) {
        lookedAt.put(requestId, now());
        told.add(requestId);
    }

    /// The broker had no answer; it is asked again in a while.
    public synchronized void unanswered(UUID requestId) {
        lookedAt.put(requestId, now());
    }

    /// The grant has no memory any more.
    public synchronized void gone(UUID vmId, UUID requestId) {
        lookedAt.remove(requestId);
        told.remove(requestId);
        become(state.gone(vmId, requestId));
    }

    /// The broker does not want to make it.
    public synchronized void refused(UUID vmId, UUID requestId) {
        lookedAt.remove(requestId);
        become(state.refused(vmId, requestId, now()));
    }

    private Duration now() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    private void become(GrowthState next) {
        state = next;
        List<Kept> now = new ArrayList<>();
        next.vms()
                .forEach(
                        (vmId, vm) ->
                                vm.growths()
                                        .forEach(
                                                growth ->
                                                        now.add(
                                                                new Kept(
                                                                        vmId,
                                                                        growth.requestId(),
                                                                        growth.bytes()))));
        if (now.equals(kept)) {
            return;
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(fresh, JSON.writeValueAsBytes(now));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            kept = List.copyOf(now);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "requests for growth are not kept: {0}", e.toString());
        }
    }
}
