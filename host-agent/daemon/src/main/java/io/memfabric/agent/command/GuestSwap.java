package io.memfabric.agent.command;

import io.memfabric.agent.command.Conversations.Patience;
import io.memfabric.agent.guest.GuestSilentException;
import io.memfabric.agent.guest.Guests;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.guest.GuestFrame.ReplyCode;
import java.time.Duration;
import java.util.UUID;

/// Asks a guest to swap on or off until it gives an answer that counts. A daemon that lost its
/// channel meanwhile is asked again: asking twice does no harm.
final class GuestSwap {

    private final Guests guests;
    private final Patience patience;

    GuestSwap(Guests guests, Patience patience) {
        this.guests = guests;
        this.patience = patience;
    }

    private interface Question {
        Reply ask(Duration deadline) throws GuestSilentException;
    }

    /// The guest's answer. A disk that it does not find yet may still be on its way into it.
    Reply on(UUID vmId, String serial, long sizeBytes)
            throws GuestSilentException, InterruptedException {
        return ask(
                vmId,
                patience.swapOn(),
                true,
                deadline -> guests.swapOn(vmId, serial, sizeBytes, deadline));
    }

    /// Whether the guest confirmed that it does not swap on the disk: it swapped it off, or has no
    /// such disk.
    static boolean confirmsOff(Reply reply) {
        return reply.code() == ReplyCode.OK || reply.code() == ReplyCode.NOT_FOUND;
    }

    Reply off(UUID vmId, String serial) throws GuestSilentException, InterruptedException {
        return ask(
                vmId,
                patience.swapOff(),
                false,
                deadline -> guests.swapOff(vmId, serial, deadline));
    }

    private Reply ask(UUID vmId, Duration total, boolean notFoundIsEarly, Question question)
            throws GuestSilentException, InterruptedException {
        long end = System.nanoTime() + total.toNanos();
        while (true) {
            try {
                Reply reply = question.ask(until(end));
                boolean early = notFoundIsEarly && reply.code() == ReplyCode.NOT_FOUND;
                if ((!early && reply.code() != ReplyCode.BUSY) || isNear(end)) {
                    return reply;
                }
            } catch (GuestSilentException e) {
                if (!e.channelBroke() || isNear(end)) {
                    throw e;
                }
                guests.awaitHello(vmId, patience.hello());
            }
            Thread.sleep(patience.retry());
        }
    }

    private boolean isNear(long end) {
        return System.nanoTime() + patience.retry().toNanos() - end >= 0;
    }

    private static Duration until(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    /// A guest's refusal in words.
    static String words(Reply reply) {
        return "the guest answers "
                + reply.code()
                + (reply.detail() == 0 ? "" : " (" + reply.detail() + ")");
    }
}
