package io.memfabric.agent.guest;

/// A guest's daemon did not answer in time, or cannot be reached at all.
public final class GuestSilentException extends Exception {

    private static final long serialVersionUID = 1;

    public GuestSilentException(String message) {
        super(message);
    }
}
