package io.memfabric.broker.policy.ledger;

/// What a change of the ledger was planned on is no longer so: nothing of it may stay, and it may
/// begin again.
public final class Overtaken extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Overtaken(String message) {
        super(message);
    }
}
