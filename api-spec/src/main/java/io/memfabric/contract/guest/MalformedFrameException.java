package io.memfabric.contract.guest;

import java.io.IOException;

/// A guest sent bytes that are not a frame.
public final class MalformedFrameException extends IOException {

    private static final long serialVersionUID = 1;

    MalformedFrameException(String message) {
        super(message);
    }

    MalformedFrameException(String message, Throwable cause) {
        super(message, cause);
    }
}
