package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Access;
import io.memfabric.broker.access.Caller;
import io.memfabric.broker.access.JoinTicket;
import io.memfabric.broker.certificate.FabricAuthority;
import io.memfabric.broker.certificate.Revocations;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.EnrollRequest;
import io.memfabric.contract.agent.EnrollResponse;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// Lets hosts in. A host that enrolls again under its name keeps its identity and gets a new token.
@RestController
class Enrollment {

    private final Ledger ledger;
    private final HostRepository hosts;
    private final Access access;
    private final FabricAuthority authority;
    private final Revocations revocations;
    private final Quarantine quarantine;
    private final Events events;
    private final InstantSource clock;

    Enrollment(
            Ledger ledger,
            HostRepository hosts,
            Access access,
            FabricAuthority authority,
            Revocations revocations,
            Quarantine quarantine,
            Events events,
            InstantSource clock) {
        this.ledger = ledger;
        this.hosts = hosts;
        this.access = access;
        this.authority = authority;
        this.revocations = revocations;
        this.quarantine = quarantine;
        this.events = events;
        this.clock = clock;
    }

    @PostMapping("/agent/v1/enroll")
    @ResponseStatus(HttpStatus.CREATED)
    EnrollResponse enroll(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Joining caller,
            @RequestBody EnrollRequest request) {
        JoinTicket ticket = caller.ticket();
        if (!ticket.hostName().equals(request.hostName())) {
            throw new Problem(
                    ProblemCode.JOIN_TOKEN_FOR_ANOTHER_HOST,
                    "The join token lets another host in.");
        }
        return ledger.change(() -> enroll(ticket, request));
    }

    private EnrollResponse enroll(JoinTicket ticket, EnrollRequest request) {
        access.use(ticket);
        hosts.readmit(request.hostName());
        Optional<HostEntity> known = hosts.findByName(request.hostName());
        UUID id = known.map(HostEntity::id).orElseGet(() -> TimeOrderedId.at(clock.instant()));
        HostEntity host =
                known.orElseGet(
                        () ->
                                new HostEntity(
                                        id,
                                        request.hostName(),
                                        request.dataAddress(),
                                        request.agentVersion(),
                                        clock.instant()));
        host.enrollAgain(request.dataAddress(), request.agentVersion());
        hosts.saveAndFlush(host);
        // Whoever had this identity before has it no more.
        revocations.revokeAll(id);
        quarantine.end(id);
        events.add(
                NewEvent.of(
                                "host_enrolled",
                                "Host " + request.hostName() + " has an agent with a new token.")
                        .host(id));
        return new EnrollResponse(
                id, access.issueAgentToken(id), authority.issue(id, request.certificateRequest()));
    }
}
