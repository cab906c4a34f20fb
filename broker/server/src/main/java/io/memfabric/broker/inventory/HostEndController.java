package io.memfabric.broker.inventory;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class HostEndController {

    private final HostEnds ends;
    private final HostRepository hosts;
    private final Presence presence;
    private final RoundTrips roundTrips;

    HostEndController(
            HostEnds ends, HostRepository hosts, Presence presence, RoundTrips roundTrips) {
        this.ends = ends;
        this.hosts = hosts;
        this.presence = presence;
        this.roundTrips = roundTrips;
    }

    record Loss(@Nullable Spec spec) {}

    record Spec(@Nullable Boolean poweredOff) {}

    @PostMapping("/api/v1/hosts/{id}:declareLost")
    ResponseEntity<HostView> declareLost(@PathVariable UUID id, @RequestBody Loss loss) {
        Boolean poweredOff = Required.field("spec", loss.spec()).poweredOff();
        ends.declareLost(id, Boolean.TRUE.equals(poweredOff));
        HostRow row =
                hosts.findById(id)
                        .map(HostEntity::row)
                        .orElseThrow(() -> Problem.notFound("host", id));
        return ResponseEntity.ok()
                .eTag(Revision.etag(row.revision()))
                .body(HostView.of(row, presence.of(id), roundTrips));
    }

    @DeleteMapping("/api/v1/hosts/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable UUID id) {
        ends.remove(id);
    }
}
