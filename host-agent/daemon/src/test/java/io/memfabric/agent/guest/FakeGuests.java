package io.memfabric.agent.guest;

import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.guest.GuestFrame.ReplyCode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Guests that answer what a test wants, in order; after that they say OK.
public final class FakeGuests implements Guests {

    private final Map<UUID, GuestHint> hints = new HashMap<>();
    private final Deque<Optional<ReplyCode>> onAnswers = new ArrayDeque<>();
    private final Deque<Optional<ReplyCode>> offAnswers = new ArrayDeque<>();
    private final Map<UUID, Long> reclaimed = new ConcurrentHashMap<>();
    private final List<String> journal;
    private boolean absent;
    private boolean channelBreaks;

    public FakeGuests(List<String> journal) {
        this.journal = journal;
    }

    public synchronized void hint(UUID vmId, GuestHint hint) {
        hints.put(vmId, hint);
    }

    /// What a guest was asked to drop last, or nothing.
    public Optional<Long> reclaimed(UUID vmId) {
        return Optional.ofNullable(reclaimed.get(vmId));
    }

    /// No daemon says hello.
    public synchronized void beAbsent() {
        absent = true;
    }

    public synchronized void breakChannelAtNextQuestion() {
        channelBreaks = true;
    }

    /// The next answer to a swap-on; null is silence.
    public synchronized void answerOn(@Nullable ReplyCode code) {
        onAnswers.add(Optional.ofNullable(code));
    }

    /// The next answer to a swap-off; null is silence.
    public synchronized void answerOff(@Nullable ReplyCode code) {
        offAnswers.add(Optional.ofNullable(code));
    }

    @Override
    public synchronized Optional<GuestHint> hint(UUID vmId) {
        return Optional.ofNullable(hints.get(vmId));
    }

    @Override
    public synchronized void awaitHello(UUID vmId, Duration deadline) throws GuestSilentException {
        if (absent) {
            throw new GuestSilentException("no daemon");
        }
    }

    @Override
    public void reclaim(UUID vmId, long bytes, Duration deadline) {
        reclaimed.put(vmId, bytes);
    }

    @Override
    public Reply swapOn(UUID vmId, String serial, long sizeBytes, Duration deadline)
            throws GuestSilentException {
        return answer("swap-on", onAnswers);
    }

    @Override
    public Reply swapOff(UUID vmId, String serial, Duration deadline) throws GuestSilentException {
        return answer("swap-off", offAnswers);
    }

    private synchronized Reply answer(String what, Deque<Optional<ReplyCode>> answers)
            throws GuestSilentException {
        if (channelBreaks) {
            channelBreaks = false;
            journal.add(what + " broken channel");
            throw new GuestSilentException("the test wants it so", true);
        }
        Optional<ReplyCode> code =
                answers.isEmpty() ? Optional.of(ReplyCode.OK) : answers.removeFirst();
        journal.add(what + " " + code.map(ReplyCode::name).orElse("silence"));
        return new Reply(
                1, code.orElseThrow(() -> new GuestSilentException("the test wants silence")), 0);
    }
}
