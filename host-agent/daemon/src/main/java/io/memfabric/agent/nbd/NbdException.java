package io.memfabric.agent.nbd;

import java.io.IOException;

/// The peer broke the protocol; the connection cannot go on.
public class NbdException extends IOException {

    private static final long serialVersionUID = 1;

    public NbdException(String message) {
        super(message);
    }
}
