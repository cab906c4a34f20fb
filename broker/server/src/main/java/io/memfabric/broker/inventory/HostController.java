package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.policy.FailureDomain;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class HostController {

    private static final long LIMIT_MAX = 1L << 50;
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final JdbcClient jdbc;
    private final HostRepository hosts;
    private final HostLimits limits;
    private final Presence presence;
    private final Ledger ledger;
    private final Events events;
    private final RoundTrips roundTrips;

    HostController(
            JdbcClient jdbc,
            HostRepository hosts,
            HostLimits limits,
            Presence presence,
            Ledger ledger,
            Events events,
            RoundTrips roundTrips) {
        this.jdbc = jdbc;
        this.hosts = hosts;
        this.limits = limits;
        this.presence = presence;
        this.roundTrips = roundTrips;
        this.ledger = ledger;
        this.events = events;
    }

    record HostPatch(@Nullable SpecPatch spec) {}

    record SpecPatch(
            @Nullable HarvestMode mode,
            @Nullable Long lendLimitBytes,
            @Nullable Scheduling scheduling,
            @Nullable FailureDomain failureDomain) {}

    /// Which hosts a page is to have, as the request says.
    record HostQuery(
            @Nullable String name,
            @Nullable List<HarvestMode> mode,
            @Nullable List<Scheduling> scheduling,
            @Nullable String order) {}

    @GetMapping("/api/v1/hosts")
    Page<HostView> list(
            HostQuery wanted,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        ListQuery list =
                new ListQuery("select id from hosts where removed_at is null", "id", wanted.order())
                        .where("name = ?", wanted.name())
                        .whereOneOf("mode", wanted.mode())
                        .whereOneOf("scheduling", wanted.scheduling());
        List<UUID> ids =
                Rows.of(list.rows(jdbc, query.afterIdOrNull(), query.limit()).query(UUID.class));
        Map<UUID, HostRow> rows =
                hosts.findByIdIn(ids).stream()
                        .map(HostEntity::row)
                        .collect(Collectors.toMap(HostRow::id, Function.identity()));
        return Page.of(
                query,
                ids.stream().filter(rows::containsKey).map(rows::get).toList(),
                host -> host.id().toString(),
                this::view);
    }

    @GetMapping("/api/v1/hosts/{id}")
    ResponseEntity<HostView> get(@PathVariable UUID id) {
        return answer(find(id).row());
    }

    @PatchMapping("/api/v1/hosts/{id}")
    ResponseEntity<HostView> patch(
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestBody HostPatch patch) {
        SpecPatch spec = Required.field("spec", patch.spec());
        Long limit = spec.lendLimitBytes();
        if (limit != null && (limit < 0 || limit > LIMIT_MAX)) {
            throw new Problem(
                    ProblemCode.INVALID_SIZE, "lendLimitBytes must be 0 to " + LIMIT_MAX + ".");
        }
        return answer(ledger.change(() -> change(id, Revision.required(ifMatch), spec)));
    }

    private HostRow change(UUID id, long expected, SpecPatch spec) {
        HostEntity host = find(id);
        HostRow before = host.row();
        Revision.check(expected, before.revision());
        if (spec.mode() != null) {
            host.setMode(spec.mode());
        }
        if (spec.lendLimitBytes() != null) {
            host.setLendLimitBytes(spec.lendLimitBytes());
        }
        if (spec.scheduling() != null) {
            host.setScheduling(spec.scheduling());
        }
        if (spec.failureDomain() != null) {
            host.setDomain(checked(spec.failureDomain()));
        }
        HostRow after = hosts.saveAndFlush(host).row();
        limits.changed(id);
        if (after.revision() != before.revision()) {
            events.add(
                    NewEvent.of(
                                    "host_changed",
                                    "Host %s is in mode %s, %s, and may lend %d bytes."
                                            .formatted(
                                                    after.name(),
                                                    after.mode(),
                                                    after.scheduling(),
                                                    after.lendLimitBytes()))
                            .host(id));
        }
        return after;
    }

    private static FailureDomain checked(FailureDomain domain) {
        for (String label : Arrays.asList(domain.rack(), domain.power(), domain.zone())) {
            if (label != null && !LABEL.matcher(label).matches()) {
                throw new Problem(
                        ProblemCode.INVALID_LABEL,
                        "rack, power and zone are 1 to 64 of A-Z, a-z, 0-9, dot, dash, underscore.");
            }
        }
        return domain;
    }

    private HostEntity find(UUID id) {
        return hosts.findById(id).orElseThrow(() -> Problem.notFound("host", id));
    }

    private HostView view(HostRow row) {
        return HostView.of(row, presence.of(row.id()), roundTrips);
    }

    private ResponseEntity<HostView> answer(HostRow row) {
        return ResponseEntity.ok().eTag(Revision.etag(row.revision())).body(view(row));
    }
}
