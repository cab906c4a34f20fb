package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Access;
import io.memfabric.broker.certificate.Revocations;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.web.Problem;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// Ends a host's identity: whoever has its token or a certificate of it is refused within seconds.
/// The host comes back with a new join token.
@RestController
class HostIdentityController {

    private final HostRepository hosts;
    private final Access access;
    private final Revocations revocations;
    private final Ledger ledger;
    private final Events events;

    HostIdentityController(
            HostRepository hosts,
            Access access,
            Revocations revocations,
            Ledger ledger,
            Events events) {
        this.hosts = hosts;
        this.access = access;
        this.revocations = revocations;
        this.ledger = ledger;
        this.events = events;
    }

    @DeleteMapping("/api/v1/hosts/{id}/identity")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@PathVariable UUID id) {
        ledger.run(
                () -> {
                    if (hosts.findById(id).isEmpty()) {
                        throw Problem.notFound("host", id);
                    }
                    access.endAgentToken(id);
                    revocations.revokeAll(id);
                    events.add(
                            NewEvent.of(
                                            "host_identity_revoked",
                                            "The host's token and certificates are refused.")
                                    .host(id));
                });
    }
}
