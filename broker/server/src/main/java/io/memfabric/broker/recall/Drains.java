package io.memfabric.broker.recall;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.inventory.Scheduling;
import io.memfabric.broker.operation.OperationKind;
import io.memfabric.broker.operation.OperationView;
import io.memfabric.broker.operation.Operations;
import io.memfabric.broker.web.Problem;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Drains that somebody waits for. The recall of a drained host does the work; this tells how far it
/// is and when it is over.
@Component
class Drains {

    private static final System.Logger LOG = System.getLogger(Drains.class.getName());
    private static final long REGION = FabricLimits.REGION.bytes();

    private final JdbcClient jdbc;
    private final RecallRows recalls;
    private final Inventory inventory;
    private final Operations operations;
    private final Ledger ledger;
    private final Events events;
    private final InstantSource clock;

    Drains(
            JdbcClient jdbc,
            RecallRows recalls,
            Inventory inventory,
            Operations operations,
            Ledger ledger,
            Events events,
            InstantSource clock) {
        this.jdbc = jdbc;
        this.recalls = recalls;
        this.inventory = inventory;
        this.operations = operations;
        this.ledger = ledger;
        this.events = events;
        this.clock = clock;
    }

    /// Sees to it that a host is drained, in the transaction at hand. Who asks again gets the
    /// operation that is under way.
    OperationView begin(UUID hostId) {
        HostRow host = inventory.host(hostId).orElseThrow(() -> Problem.notFound("host", hostId));
        if (host.scheduling() != Scheduling.DRAINED) {
            jdbc.sql(
                            "update hosts set scheduling = 'DRAINED', revision = revision + 1"
                                    + " where id = ?")
                    .param(hostId)
                    .update();
            inventory.limitChanged(hostId);
            events.add(
                    NewEvent.of("host_changed", "Host " + host.name() + " is to be drained.")
                            .host(hostId));
        }
        OperationView begun =
                operations.beginAt(
                        TimeOrderedId.at(clock.instant()), OperationKind.HOST_DRAIN, hostId);
        if (begun.progress() == null) {
            long offered = host.regions().offered() * REGION;
            operations.goOnAt(
                    hostId,
                    OperationKind.HOST_DRAIN,
                    new OperationView.Progress(offered, offered, recalls.grantsAt(hostId), null));
        }
        return operations.get(begun.id()).orElseThrow();
    }

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void look() {
        for (OperationView open : operations.open(OperationKind.HOST_DRAIN)) {
            try {
                UUID host = Objects.requireNonNull(open.hostId());
                OperationView.Progress before = Objects.requireNonNull(open.progress());
                ledger.run(() -> look(host, before));
            } catch (RuntimeException e) {
                LOG.log(
                        Level.WARNING,
                        "the drain of host " + open.hostId() + " is looked at later",
                        e);
            }
        }
    }

    private void look(UUID hostId, OperationView.Progress before) {
        Optional<HostRow> drained =
                inventory.host(hostId).filter(host -> host.scheduling() == Scheduling.DRAINED);
        if (drained.isEmpty()) {
            operations.failAt(
                    hostId,
                    OperationKind.HOST_DRAIN,
                    "drain_ended",
                    "The host is not to be drained any more.");
            return;
        }
        Optional<Recall> recall = recalls.drainOf(hostId);
        OperationView.Progress now =
                progress(
                        drained.get(),
                        before.totalBytes(),
                        recall.map(Recall::problem).orElse(null));
        if (!now.equals(before)) {
            operations.goOnAt(hostId, OperationKind.HOST_DRAIN, now);
        }
        if (recall.filter(its -> its.state() == Recall.State.DONE).isPresent()) {
            operations.succeedAt(hostId, OperationKind.HOST_DRAIN);
        }
    }

    private OperationView.Progress progress(HostRow host, long total, @Nullable String problem) {
        int held = host.regions().blocked();
        String blockedBy =
                Stream.of(
                                Optional.ofNullable(problem),
                                Optional.of(
                                                "%d regions are held for grants that the ledger does not know"
                                                        .formatted(held))
                                        .filter(_ -> held > 0),
                                Optional.of("the host is not heard")
                                        .filter(_ -> !inventory.isReachable(host.id())))
                        .flatMap(Optional::stream)
                        .collect(Collectors.joining("; "));
        return new OperationView.Progress(
                Math.max(total, host.regions().offered() * REGION),
                host.regions().offered() * REGION,
                recalls.grantsAt(host.id()),
                blockedBy.isEmpty() ? null : blockedBy);
    }
}
