package io.memfabric.client.ctl;

import static io.memfabric.client.ctl.Column.byteSeconds;
import static io.memfabric.client.ctl.Column.bytes;
import static io.memfabric.client.ctl.Column.text;
import static io.memfabric.client.ctl.Column.time;

import java.util.List;

/// What the command line knows of each resource; a test holds it against `broker.yaml`.
final class Resources {

    static final Resource HOSTS =
            new Resource(
                    "hosts",
                    "/api/v1/hosts",
                    "/status/name",
                    List.of(
                            text("NAME", "/status/name"),
                            text("MODE", "/spec/mode"),
                            text("REACHABLE", "/status/reachable"),
                            bytes("HARVESTED", "/status/memory/harvestedBytes"),
                            bytes("OFFERED", "/status/offeredBytes"),
                            bytes("LENT", "/status/lentBytes"),
                            bytes("FREE", "/status/freeBytes"),
                            bytes("LEND LIMIT", "/spec/lendLimitBytes"),
                            text("ID", "/id")),
                    List.of("name", "mode", "scheduling", "order"));

    static final Resource VMS =
            new Resource(
                    "vms",
                    "/api/v1/vms",
                    "/status/name",
                    List.of(
                            text("NAME", "/status/name"),
                            text("STATE", "/status/state"),
                            bytes("MAX", "/status/maxBytes"),
                            bytes("BALLOON", "/status/balloonBytes"),
                            bytes("USABLE", "/status/usableBytes"),
                            bytes("RESIDENT", "/status/residentBytes"),
                            text("DAEMON", "/status/guestDaemon"),
                            text("LEFT ALONE", "/status/excludedBecause"),
                            text("ID", "/id")),
                    List.of("hostId", "tenantId", "name", "state", "order"));

    static final Resource GRANTS =
            new Resource(
                    "grants",
                    "/api/v1/grants",
                    "/id",
                    List.of(
                            text("ID", "/id"),
                            text("STATE", "/status/state"),
                            bytes("SIZE", "/status/sizeBytes"),
                            text("MODE", "/spec/attachMode"),
                            text("COPIES", "/spec/copies"),
                            text("CLASS", "/spec/latencyClass"),
                            text("VM", "/spec/vmId"),
                            time("SINCE", "/createdAt"),
                            text("PROBLEM", "/status/problem/code")),
                    List.of("vmId", "borrowerId", "tenantId", "state", "order"));

    static final Resource REGIONS =
            new Resource(
                    "regions",
                    "/api/v1/regions",
                    "/id",
                    List.of(
                            text("HOST", "/status/hostId"),
                            text("REGION", "/status/regionId"),
                            text("GENERATION", "/status/generation"),
                            text("STATE", "/status/state"),
                            text("GRANT", "/status/grantId")),
                    List.of("hostId", "grantId", "state", "order"));

    static final Resource EVENTS =
            new Resource(
                    "events",
                    "/api/v1/events",
                    "/id",
                    List.of(
                            text("ID", "/id"),
                            time("AT", "/at"),
                            text("TYPE", "/type"),
                            text("DETAIL", "/detail")),
                    List.of("after", "newest", "hostId", "vmId", "grantId"));

    static final Resource TENANTS =
            new Resource(
                    "tenants",
                    "/api/v1/tenants",
                    "/spec/name",
                    List.of(
                            text("NAME", "/spec/name"),
                            bytes("MAX", "/spec/maxBytes"),
                            bytes("BORROWED", "/status/borrowedBytes"),
                            text("MAX GRANTS", "/spec/maxGrants"),
                            text("GRANTS", "/status/grants"),
                            text("VMS", "/status/assignedVms"),
                            text("LENDS TO", "/spec/lendTo"),
                            text("ID", "/id")),
                    List.of("name", "order"));

    static final Resource TOKENS =
            new Resource(
                    "tokens",
                    "/api/v1/tokens",
                    "/spec/name",
                    List.of(
                            text("NAME", "/spec/name"),
                            text("ROLES", "/spec/roles"),
                            text("TENANT", "/spec/tenantId"),
                            time("EXPIRES", "/spec/expiresAt"),
                            text("BY", "/status/createdBy"),
                            time("SINCE", "/status/createdAt"),
                            text("ID", "/id")),
                    List.of("tenantId", "name", "order"));

    static final Resource AUDIT =
            new Resource(
                    "entries",
                    "/api/v1/audit",
                    "/id",
                    List.of(
                            text("ID", "/id"),
                            time("AT", "/at"),
                            text("ACTOR", "/actor"),
                            text("ACTION", "/action"),
                            text("OBJECT", "/object"),
                            text("DETAIL", "/detail")),
                    List.of("action", "actor", "object", "order"));

    static final Resource RECALLS =
            new Resource(
                    "recalls",
                    "/api/v1/recalls",
                    "/id",
                    List.of(
                            text("ID", "/id"),
                            text("HOST", "/spec/hostId"),
                            bytes("BYTES", "/spec/bytes"),
                            time("DEADLINE", "/spec/deadline"),
                            text("STATE", "/status/state"),
                            text("WHY", "/status/reason"),
                            bytes("LEFT", "/status/leftBytes"),
                            text("PLAN", "/status/plan"),
                            text("PROBLEM", "/status/problem")),
                    List.of("hostId", "state", "order"));

    static final Resource POLICIES =
            new Resource(
                    "versions",
                    "/api/v1/policies",
                    "/version",
                    List.of(
                            text("VERSION", "/version"),
                            time("SINCE", "/createdAt"),
                            text("BY", "/createdBy"),
                            text("NOTE", "/note"),
                            text("ACROSS TENANTS", "/document/lendAcrossTenants"),
                            text("REQUESTS A SECOND", "/document/tenantRequestsPerSecond"),
                            bytes("NEW TENANT'S MAX", "/document/newTenantMaxBytes"),
                            text("AND GRANTS", "/document/newTenantMaxGrants")),
                    List.of("order"));

    static final Resource WEBHOOKS =
            new Resource(
                    "webhooks",
                    "/api/v1/webhooks",
                    "/spec/url",
                    List.of(
                            text("ID", "/id"),
                            text("URL", "/spec/url"),
                            text("TYPES", "/spec/types"),
                            text("STATE", "/spec/state"),
                            text("LAST EVENT", "/status/lastEventId"),
                            text("FAILED", "/status/failedAttempts"),
                            text("ERROR", "/status/lastError")),
                    List.of("state", "order"));

    static final Resource QUARANTINE =
            new Resource(
                    "quarantined grants",
                    "/api/v1/quarantine",
                    "/grantId",
                    List.of(
                            text("GRANT", "/grantId"),
                            text("HOST", "/borrowerId"),
                            text("VM", "/vmId"),
                            time("FOUND", "/foundAt"),
                            text("LEAVING", "/leaving"),
                            text("REFUSED", "/refused")),
                    List.of("order"));

    /// The hosts of the capacity, which come in an answer of their own shape.
    static final List<Column> CAPACITY =
            List.of(
                    text("HOST", "/name"),
                    text("REACHABLE", "/reachable"),
                    bytes("HARVESTED", "/harvestedBytes"),
                    bytes("OFFERED", "/offeredBytes"),
                    bytes("LENT", "/lentBytes"),
                    bytes("FREE", "/freeBytes"));

    /// The points of the capacity's history.
    static final List<Column> CAPACITY_HISTORY =
            List.of(
                    time("AT", "/at"),
                    text("HOSTS", "/heardHosts"),
                    bytes("TOTAL", "/totalBytes"),
                    bytes("RESERVE", "/reserveBytes"),
                    bytes("HARVESTED", "/harvestedBytes"),
                    bytes("OFFERED", "/offeredBytes"),
                    bytes("LENT", "/lentBytes"),
                    bytes("FREE", "/freeBytes"),
                    bytes("AT RISK", "/atRiskBytes"));

    /// The hours of a tenant's usage.
    static final List<Column> USAGE =
            List.of(
                    time("HOUR", "/hour"),
                    byteSeconds("BORROWED", "/borrowedByteSeconds"),
                    byteSeconds("LENT", "/lentByteSeconds"));

    static final List<Column> DECISIONS =
            List.of(
                    time("AT", "/at"),
                    text("ACTION", "/action"),
                    bytes("FROM", "/fromBytes"),
                    bytes("TO", "/targetBytes"),
                    text("RULE", "/rule"),
                    text("REASON", "/reason"),
                    text("UNLESS", "/unless"),
                    text("OUTCOME", "/outcome"));

    static final List<Resource> ALL =
            List.of(
                    HOSTS,
                    VMS,
                    GRANTS,
                    REGIONS,
                    EVENTS,
                    TENANTS,
                    TOKENS,
                    AUDIT,
                    RECALLS,
                    POLICIES,
                    WEBHOOKS,
                    QUARANTINE);

    private Resources() {}
}
