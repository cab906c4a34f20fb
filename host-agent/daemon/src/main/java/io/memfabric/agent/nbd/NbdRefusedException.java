package io.memfabric.agent.nbd;

/// The server answered an option with an error.
public final class NbdRefusedException extends NbdException {

    private static final long serialVersionUID = 1;

    private final int option;
    private final int reply;

    NbdRefusedException(int option, int reply, String message) {
        super(message);
        this.option = option;
        this.reply = reply;
    }

    /// Whether the server does not seal the connection, now or ever.
    public boolean isTlsUnavailable() {
        return option == Nbd.OPT_STARTTLS;
    }

    /// Whether the server does not talk with us unless the connection is sealed.
    public boolean isTlsRequired() {
        return reply == Nbd.REP_ERR_TLS_REQD;
    }

    /// Whether the server has no such export, or not for us.
    public boolean isUnknownExport() {
        return reply == Nbd.REP_ERR_UNKNOWN;
    }
}
