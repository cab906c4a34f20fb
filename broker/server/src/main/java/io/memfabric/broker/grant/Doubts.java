package io.memfabric.broker.grant;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.lending.InventoryTaken;
import io.memfabric.broker.policy.DeviceState;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.recovery.Recovery;
import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.GrantStop;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;

/// Puts grants in quarantine whose truth the broker cannot establish: the borrower serves the device
/// no more, two agents have the borrower's identity, or a lender has gone further with a region than
/// the ledger knows. Nothing of them is touched from then on, and only an operator ends it: with a
/// release, whose first step is the guest's confirmed swapoff as ever, with the loss of the host, or
/// by taking the grant back into service once nothing stands against it any more.
@Component
class Doubts {

    private static final System.Logger LOG = System.getLogger(Doubts.class.getName());
    private static final String CLONED = "borrower_cloned";
    private static final String DISPUTED = "region_disputed";
    private static final Map<String, String> DETAILS =
            Map.of(
                    CLONED,
                    "Two agents have the identity of its host: which of them has the device, nobody"
                            + " can tell before the host enrolls again.",
                    DISPUTED,
                    "A lender has gone further with a region of it than the ledger knows: the ledger"
                            + " may have lost what happened to it.");

    /// What stands against a grant beside what its borrower says of it.
    private static final String FOUND =
            """
            select g.id, g.state, 'borrower_cloned' as code from quarantined_hosts q
                join grants g on g.borrower_id = q.host_id
            union all
            select g.id, g.state, 'region_disputed' from regions r
                join legs l on l.host_id = r.host_id and l.boot_id = r.boot_id
                    and l.region_id = r.region_id and l.grant_id = r.grant_id
                    and l.state = 'LIVE' and l.use = 'HELD'
                join lenders s on s.grant_id = l.grant_id and s.share = l.share
                    and s.state = 'READY'
                join grants g on g.id = r.grant_id
                where r.disputed""";

    private final GrantRepository grants;
    private final GrantLives lives;
    private final Recovery recovery;
    private final Ledger ledger;
    private final JdbcClient jdbc;
    private final BrokerSettings settings;
    private final InstantSource clock;
    private final Map<UUID, Instant> disputedSince = new HashMap<>();
    private volatile int inQuarantine;

    Doubts(
            GrantRepository grants,
            GrantLives lives,
            Recovery recovery,
            Ledger ledger,
            JdbcClient jdbc,
            BrokerSettings settings,
            InstantSource clock,
            MeterRegistry metrics) {
        this.grants = grants;
        this.lives = lives;
        this.recovery = recovery;
        this.ledger = ledger;
        this.jdbc = jdbc;
        this.settings = settings;
        this.clock = clock;
        metrics.gauge("memfabric.grants.quarantined", this, doubts -> doubts.inQuarantine);
    }

    /// What a borrower says of its devices: it speaks for those that serve no more, and for those that
    /// are in quarantine already.
    @EventListener
    void on(InventoryTaken taken) {
        Map<UUID, GrantReport> said =
                taken.inventory().grants().stream()
                        .collect(
                                Collectors.toMap(
                                        GrantReport::grantId, Function.identity(), (a, _) -> a));
        for (GrantReport report : said.values()) {
            GrantStop stop = report.stop();
            if (stop != null) {
                Failure failure = new Failure(stop.code(), stop.detail());
                ledger.run(
                        () ->
                                grants.lock(report.grantId())
                                        .filter(g -> g.borrowerId().equals(taken.hostId()))
                                        .filter(g -> g.device() != DeviceState.ABSENT)
                                        .ifPresent(grant -> doubt(grant, failure)));
            }
        }
        for (InQuarantine held : inQuarantineAt(taken.hostId())) {
            String doubt = doubtOf(said.get(held.id()));
            if (!Objects.equals(doubt, held.doubt())) {
                ledger.run(
                        () ->
                                grants.lock(held.id())
                                        .filter(GrantEntity::isInQuarantine)
                                        .ifPresent(grant -> grant.doubt(doubt)));
            }
        }
    }

    private static @Nullable String doubtOf(@Nullable GrantReport report) {
        if (report == null) {
            return "device_missing";
        }
        GrantStop stop = report.stop();
        return stop == null ? null : stop.code();
    }

    private record InQuarantine(UUID id, @Nullable String doubt) {}

    private List<InQuarantine> inQuarantineAt(UUID borrowerId) {
        return Rows.of(
                jdbc.sql(
                                "select id, doubt from grants where borrower_id = ?"
                                        + " and state = 'QUARANTINED'")
                        .param(borrowerId)
                        .query(InQuarantine.class));
    }

    /// A round of legs that the borrower was asked for ends first; what is wrong is shown all the same.
    private void doubt(GrantEntity grant, Failure failure) {
        if (!grant.isInQuarantine()) {
            lives.apply(grant, new GrantEvent.Doubted(failure));
            if (grant.isInQuarantine()) {
                grant.doubt(failure.code());
            } else {
                lives.show(grant, failure);
            }
        }
    }

    private record Found(UUID id, GrantState state, String code) {}

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void look() {
        try {
            List<Found> found = Rows.of(jdbc.sql(FOUND).query(Found.class));
            for (Found doubted : lasting(found)) {
                Failure failure = failure(doubted.code());
                ledger.run(
                        () -> grants.lock(doubted.id()).ifPresent(grant -> doubt(grant, failure)));
            }
            inQuarantine =
                    jdbc.sql("select count(*) from grants where state = 'QUARANTINED'")
                            .query(Integer.class)
                            .single();
        } catch (DataAccessException | CannotCreateTransactionException e) {
            LOG.log(Level.DEBUG, "grants cannot be held against what is known now", e);
        }
    }

    /// An inventory that was overtaken on its way disputes a region for a moment.
    private List<Found> lasting(List<Found> found) {
        List<Found> serving =
                found.stream()
                        .filter(
                                f ->
                                        f.state() == GrantState.ACTIVE
                                                || f.state() == GrantState.DEGRADED
                                                || f.state() == GrantState.RECALLING)
                        .toList();
        Instant now = clock.instant();
        List<UUID> disputed =
                serving.stream().filter(f -> f.code().equals(DISPUTED)).map(Found::id).toList();
        disputedSince.keySet().retainAll(disputed);
        disputed.forEach(id -> disputedSince.putIfAbsent(id, now));
        Instant settled = now.minus(settings.recoverySettle());
        return serving.stream()
                .filter(
                        f ->
                                !f.code().equals(DISPUTED)
                                        || disputedSince
                                                .getOrDefault(f.id(), now)
                                                .isBefore(settled))
                .toList();
    }

    /// Takes a grant with all its devices back into service, in the transaction at hand.
    void returnToService(UUID id) {
        GrantEntity whole = grants.lock(id).orElseThrow(() -> Problem.notFound("grant", id));
        recovery.check();
        List<GrantEntity> devices = new ArrayList<>(List.of(whole));
        devices.addAll(grants.findByPartOfInOrderById(List.of(id)));
        List<GrantEntity> held =
                devices.stream()
                        .filter(GrantEntity::isInQuarantine)
                        .filter(device -> device.device() == DeviceState.ATTACHED)
                        .toList();
        if (held.isEmpty()) {
            throw new Problem(
                    ProblemCode.GRANT_NOT_QUARANTINED, "The grant is " + whole.state() + ".");
        }
        for (GrantEntity device : held) {
            grants.lock(device.id());
            refuseWhileDoubted(device);
            lives.apply(device, new GrantEvent.Trusted());
        }
    }

    private void refuseWhileDoubted(GrantEntity grant) {
        List<Found> found =
                Rows.of(
                        jdbc.sql("select * from (" + FOUND + ") f where id = ?")
                                .param(grant.id())
                                .query(Found.class));
        String code = found.isEmpty() ? grant.doubt() : found.getFirst().code();
        if (code != null) {
            throw new Problem(
                    ProblemCode.GRANT_IN_DOUBT,
                    "Something stands against it still: " + code + ". " + failure(code).detail());
        }
    }

    private static Failure failure(String code) {
        return new Failure(code, DETAILS.getOrDefault(code, "Its host says so."));
    }
}
