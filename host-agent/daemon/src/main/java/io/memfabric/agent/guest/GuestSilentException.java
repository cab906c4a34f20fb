package io.memfabric.agent.guest;

/// A guest's daemon did not answer in time, or cannot be reached at all.
public final class GuestSilentException extends Exception {

    private static final long serialVersionUID = 1;

    private final boolean channelBroke;

    public GuestSilentException(String message) {
        this(message, false);
    }

    /// @param channelBroke whether the channel ended before the deadline did
    public GuestSilentException(String message, boolean channelBroke) {
        super(message);
        this.channelBroke = channelBroke;
    }

    /// Whether the guest may answer when it is asked again over a new channel.
    public boolean channelBroke() {
        return channelBroke;
    }
}
