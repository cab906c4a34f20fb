package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.AttachGrant;
import java.util.Optional;
import java.util.UUID;

/// What the grants' pages are sealed with.
final class Sealing {

    private final Kept kept;

    Sealing(Kept kept) {
        this.kept = kept;
    }

    /// Begins a grant's kept state, or takes it up where it is there already.
    KeptGrant open(AttachGrant plan) throws BorrowingException {
        Optional<KeptMemory> found = kept.find(name(plan.grantId()));
        if (found.isPresent()) {
            return take(found.get(), plan);
        }
        KeptMemory memory =
                kept.create(name(plan.grantId()), new KeptLayout(plan.sizeBytes()).totalBytes());
        return KeptGrant.begin(
                memory, plan.grantId(), plan.tenantId(), plan.sizeBytes(), plan.epoch());
    }

    /// Takes up a grant's kept state.
    ///
    /// @throws BorrowingException `metadata_missing` where there is none: the pages are gone with the
    ///     key, and none is invented
    KeptGrant resume(AttachGrant plan) throws BorrowingException {
        Optional<KeptMemory> found = kept.find(name(plan.grantId()));
        if (found.isEmpty()) {
            throw new BorrowingException(
                    "metadata_missing",
                    "the key of grant " + plan.grantId() + " is gone, and its pages with it",
                    null);
        }
        return take(found.get(), plan);
    }

    private static KeptGrant take(KeptMemory memory, AttachGrant plan) throws BorrowingException {
        return KeptGrant.resume(memory, plan.grantId(), plan.sizeBytes(), plan.epoch());
    }

    /// Destroys a grant's key.
    void destroy(UUID grant) {
        kept.drop(name(grant));
    }

    private static String name(UUID grant) {
        return "memfabric-" + grant;
    }
}
