package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import io.memfabric.lab.LabException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Watches a balloon that shrinks a VM until it has come to rest.
final class Settling {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration REST = Duration.ofSeconds(4);

    /// An agent goes step by step and waits for fresh statistics between two: on a busy machine
    /// longer than the usual rest.
    private static final Duration REST_TOO_HIGH = Duration.ofSeconds(30);

    private static final Duration SAMPLE = Duration.ofMillis(250);

    /// Moves of less than this are the guest's own breathing.
    private static final MemorySize STILL = MemorySize.ofMib(4);

    private final Supplier<MemorySize> balloon;
    private final Consumer<String> say;

    Settling(Supplier<MemorySize> balloon, Consumer<String> say) {
        this.balloon = balloon;
        this.say = say;
    }

    /// Waits for the first move and then for the first rest.
    ///
    /// @param expected above this size, a rest has to be longer to count
    /// @throws LabException where it does not move or does not rest in time
    MemorySize awaitRest(MemorySize start, MemorySize expected) {
        long end = System.nanoTime() + LIMIT.toNanos();
        long lastMove = Long.MAX_VALUE;
        MemorySize last = start;
        while (System.nanoTime() < end) {
            MemorySize now = balloon.get();
            if (last.minusOrZero(now).max(now.minusOrZero(last)).compareTo(STILL) > 0) {
                say.accept("balloon %s → %s".formatted(Sizes.mib(last), Sizes.mib(now)));
                last = now;
                lastMove = System.nanoTime();
            } else if (lastMove != Long.MAX_VALUE
                    && System.nanoTime() - lastMove > rest(now, expected).toNanos()) {
                return now;
            }
            Await.pause(SAMPLE);
        }
        throw new LabException(
                lastMove == Long.MAX_VALUE
                        ? "the balloon does not move"
                        : "the balloon does not come to rest");
    }

    private static Duration rest(MemorySize now, MemorySize expected) {
        return now.compareTo(expected) > 0 ? REST_TOO_HIGH : REST;
    }
}
