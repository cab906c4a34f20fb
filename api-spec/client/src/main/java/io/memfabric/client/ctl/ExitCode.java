package io.memfabric.client.ctl;

import io.memfabric.client.FabricException;

/// What the command line's exit codes say.
final class ExitCode {

    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int NOT_FOUND = 3;
    static final int REFUSED = 4;
    static final int UNAVAILABLE = 5;
    static final int NOT_ALLOWED = 6;
    static final int TIMEOUT = 7;

    /// The same for the reader of `--help`.
    static final String[] HELP = {
        "0:done",
        "1:it began and failed",
        "2:the command line is wrong",
        "3:there is no such thing",
        "4:the broker refused it",
        "5:no broker can be reached, or it cannot work now",
        "6:the token does not allow it",
        "7:not done in time; it may still happen"
    };

    private ExitCode() {}

    static int of(FabricException e) {
        if (e.code().equals(FabricException.TIMEOUT)) {
            return TIMEOUT;
        }
        return switch (e.status()) {
            case 401, 403 -> NOT_ALLOWED;
            case 404 -> NOT_FOUND;
            case 0 -> e.code().equals(FabricException.UNREACHABLE) ? UNAVAILABLE : FAILED;
            default -> e.status() >= 500 || e.status() == 429 ? UNAVAILABLE : REFUSED;
        };
    }
}
