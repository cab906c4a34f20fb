package io.memfabric.rdma.image;

/// A VM with verbs cannot be made here; the message says what is missing.
public final class VerbsUnavailableException extends Exception {

    private static final long serialVersionUID = 1;

    public VerbsUnavailableException(String message) {
        super(message);
    }
}
