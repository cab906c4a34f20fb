package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Caller;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.VmPolicies;
import io.memfabric.contract.vocabulary.HarvestMode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/// Takes in what hosts say every second, and tells them their limits.
@RestController
class Reports {

    /// Reports that have to do with the ledger at once. To a broker that was started again all hosts
    /// are new. Who finds no place is heard and answered all the same, and its next report tries
    /// again: nobody is refused because the database has much to do.
    private static final int PLACES = 8;

    private final Semaphore places = new Semaphore(PLACES);
    private final ObjectReader reader;
    private final ObjectWriter writer;
    private final HostLimits limits;
    private final VmLedger vms;
    private final Presence presence;
    private final PresenceShare share;
    private final Quarantine quarantine;
    private final Brokers brokers;
    private final InventoryTimes inventories;
    private final VmPolicyTable policies;
    private final Descriptions descriptions;
    private final ApplicationEventPublisher publisher;

    Reports(
            JsonMapper json,
            HostLimits limits,
            VmLedger vms,
            Presence presence,
            PresenceShare share,
            Quarantine quarantine,
            Brokers brokers,
            InventoryTimes inventories,
            VmPolicyTable policies,
            Descriptions descriptions,
            ApplicationEventPublisher publisher) {
        this.reader = json.readerFor(HostReport.class);
        this.writer = json.writerFor(ReportReply.class);
        this.limits = limits;
        this.vms = vms;
        this.presence = presence;
        this.share = share;
        this.quarantine = quarantine;
        this.brokers = brokers;
        this.inventories = inventories;
        this.policies = policies;
        this.descriptions = descriptions;
        this.publisher = publisher;
    }

    /// Reads and writes by itself: ten thousand hosts a second are too many for what stands between
    /// a body and a controller otherwise.
    @PostMapping(
            path = "/agent/v1/reports",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    void report(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        byte[] answer = writer.writeValueAsBytes(answer(caller.hostId(), read(request)));
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        response.setContentLength(answer.length);
        response.getOutputStream().write(answer);
    }

    private HostReport read(HttpServletRequest request) throws IOException {
        try {
            @Nullable HostReport report = reader.readValue(request.getInputStream());
            if (report != null) {
                return report;
            }
        } catch (JacksonException e) {
            throw new HttpMessageNotReadableException(
                    "not a report", e, new ServletServerHttpRequest(request));
        }
        throw new HttpMessageNotReadableException(
                "there is no report", new ServletServerHttpRequest(request));
    }

    private ReportReply answer(UUID hostId, HostReport report) {
        HostLimits.Limit host = limits.of(hostId).orElseThrow();
        HostVms said = presence.hear(hostId, report).vms();
        quarantine.hear(hostId, report.bootId());
        boolean held = quarantine.holds(hostId);
        if (!held && report.memory().shortBytes() > 0) {
            publisher.publishEvent(new HostShort(hostId, report.memory()));
        }
        HostLimits.Whole whole = limits.whole();
        Told told = tell(hostId, said, report.policiesTag(), whole.policyRevision(), !held);
        HarvestMode mode = whole.bounded(host.mode());
        return new ReportReply(
                held ? HarvestMode.OBSERVE : told.bounded(mode),
                held ? 0 : host.mayLendBytes(),
                !held && (!report.bootId().equals(host.bootId()) || inventories.isOverdue(hostId)),
                told.policies(),
                share.term(hostId),
                brokers.moveOn(),
                descriptions.of(hostId));
    }

    /// What the host has yet to hear of its VMs' policies.
    ///
    /// @param policies null where there is nothing, or where it has to wait
    /// @param waits whether there may be something that it hears with a later report
    private record Told(@Nullable VmPolicies policies, boolean waits) {

        /// Whoever does not know yet what is wanted of its VMs takes nothing more from them.
        HarvestMode bounded(HarvestMode mode) {
            return waits && mode == HarvestMode.HARVEST ? HarvestMode.PAUSE : mode;
        }
    }

    /// Does with the ledger what the report calls for, if that is anything and there is a place.
    private Told tell(
            UUID hostId,
            HostVms said,
            @Nullable String policiesTag,
            long policyRevision,
            boolean believed) {
        boolean keeps = believed && !vms.isKept(hostId, said);
        boolean knows = said.policiesTag(policyRevision).equals(policiesTag);
        if (!keeps && knows) {
            return new Told(null, false);
        }
        if (!places.tryAcquire()) {
            return new Told(null, !knows);
        }
        try {
            if (keeps) {
                vms.keep(hostId, said);
            }
            return new Told(knows ? null : policies.of(said, policyRevision), false);
        } finally {
            places.release();
        }
    }
}
