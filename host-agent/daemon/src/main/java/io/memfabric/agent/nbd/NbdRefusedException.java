package io.memfabric.agent.nbd;

/// The server answered an option with an error.
public final class NbdRefusedException extends NbdException {

    private static final long serialVersionUID = 1;

    private final int reply;

    NbdRefusedException(int reply, String message) {
        super(message);
        this.reply = reply;
    }

    /// Whether the server has no such export, or not for us.
    public boolean isUnknownExport() {
        return reply == Nbd.REP_ERR_UNKNOWN;
    }
}
