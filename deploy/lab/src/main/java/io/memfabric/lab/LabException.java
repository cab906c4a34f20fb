package io.memfabric.lab;

/// The lab cannot do what it was asked; the message says what and, where known, why.
public final class LabException extends RuntimeException {

    public LabException(String message) {
        super(message);
    }

    public LabException(String message, Throwable cause) {
        super(message, cause);
    }
}
