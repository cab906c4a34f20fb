package io.memfabric.broker.tenant;

import io.memfabric.broker.policies.Policies;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Service;

/// What other features may know of tenants, and the quota that each grant is held against.
@Service
public class Tenants {

    private final TenantRows rows;
    private final Policies policies;

    Tenants(TenantRows rows, Policies policies) {
        this.rows = rows;
        this.policies = policies;
    }

    /// Whose a VM is.
    public Optional<UUID> ofVm(UUID vmId) {
        return rows.tenantOfVm(vmId);
    }

    /// Hosts that may not lend to a VM. A host lends regions, not pages of a VM, so where one of its
    /// VMs is of a tenant that does not lend to the tenant of that VM, the whole host does not.
    public Set<UUID> barredFrom(UUID vmId) {
        boolean across = policies.now().lendsAcrossTenants();
        return across && rows.doesEverybodyLend()
                ? Set.of()
                : Set.copyOf(rows.barredFrom(vmId, across));
    }

    /// Fails where a tenant's VM is not to have this much more, in the transaction that gives it.
    /// What counts is locked until then, so that requests at once do not share what is left.
    ///
    /// @param only the caller's tenant, where he may know of no other
    /// @param bytes of all copies
    public void admit(UUID vmId, Optional<UUID> only, LatencyClass latencyClass, long bytes) {
        admit(vmId, only, latencyClass, bytes, 1);
    }

    /// The same for more of a grant that it has.
    public void admitMore(UUID vmId, Optional<UUID> only, LatencyClass latencyClass, long bytes) {
        admit(vmId, only, latencyClass, bytes, 0);
    }

    private void admit(
            UUID vmId, Optional<UUID> only, LatencyClass latencyClass, long bytes, int grants) {
        TenantRow tenant =
                rows.lockedOwner(vmId)
                        .filter(owner -> only.isEmpty() || owner.id().equals(only.get()))
                        .orElseThrow(() -> Problem.notFound("vm", vmId));
        if (!tenant.classes().contains(latencyClass)) {
            throw new Problem(
                    ProblemCode.LATENCY_CLASS_NOT_ALLOWED,
                    "The tenant may not ask for the class " + latencyClass + ".");
        }
        if (tenant.hasQuota()) {
            TenantRow locked =
                    rows.lock(tenant.id()).orElseThrow(() -> Problem.notFound("vm", vmId));
            check(locked, rows.held(tenant.id()), bytes, grants);
        }
    }

    private static void check(TenantRow tenant, TenantRows.Held held, long bytes, int grants) {
        if (tenant.maxGrants() != null && grants > tenant.maxGrants() - held.grants()) {
            throw exceeded("has " + held.grants() + " of " + tenant.maxGrants() + " grants.");
        }
        // A subtraction of what is known to be in range; a sum could overflow.
        if (tenant.maxBytes() != null && bytes > tenant.maxBytes() - held.borrowedBytes()) {
            throw exceeded(
                    "holds %d of %d bytes, and %d more would be too much."
                            .formatted(held.borrowedBytes(), tenant.maxBytes(), bytes));
        }
    }

    private static Problem exceeded(String what) {
        return new Problem(ProblemCode.QUOTA_EXCEEDED, "The tenant " + what);
    }
}
