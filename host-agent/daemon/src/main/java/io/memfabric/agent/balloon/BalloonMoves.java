package io.memfabric.agent.balloon;

import io.memfabric.agent.guest.Guests;
import io.memfabric.agent.hypervisor.Hypervisor;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.agent.policy.BalloonDecision;
import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Sets balloon targets, all VMs at once: one that hangs does not delay the others.
final class BalloonMoves {

    private static final Duration WAIT = Duration.ofMillis(800);

    /// What is left of a tick after this is enough for libvirt.
    private static final Duration RECLAIM = Duration.ofMillis(300);

    private final Hypervisor hypervisor;
    private final Guests guests;

    BalloonMoves(Hypervisor hypervisor, Guests guests) {
        this.hypervisor = hypervisor;
        this.guests = guests;
    }

    interface Outcome {
        void is(BalloonDecision decision, String outcome);
    }

    private record Move(BalloonDecision decision, CompletableFuture<String> outcome) {}

    /// Carries the decisions out and tells what came of each within the tick.
    void carryOut(List<BalloonDecision> decisions, Outcome told) {
        List<Move> moves = new ArrayList<>();
        for (BalloonDecision decision : decisions) {
            if (!decision.changesTarget()) {
                told.is(decision, "nothing to do");
                continue;
            }
            CompletableFuture<String> outcome = new CompletableFuture<>();
            Thread.ofVirtual()
                    .name("balloon-" + decision.vmId())
                    .start(() -> outcome.complete(set(decision)));
            moves.add(new Move(decision, outcome));
        }
        long end = System.nanoTime() + WAIT.toNanos();
        for (Move move : moves) {
            told.is(move.decision(), outcome(move, end));
        }
    }

    private static String outcome(Move move, long end) {
        try {
            long left = Math.max(0, end - System.nanoTime());
            return move.outcome().get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return "libvirt takes its time";
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private String set(BalloonDecision decision) {
        try {
            if (decision.action() == Action.INFLATE) {
                guests.reclaim(
                        decision.vmId(), decision.fromBytes() - decision.targetBytes(), RECLAIM);
            }
            hypervisor.setBalloon(decision.vmId(), MemorySize.ofBytes(decision.targetBytes()));
            return DecisionLog.DONE;
        } catch (HypervisorException e) {
            return e.code() + ": " + e.getMessage();
        } catch (RuntimeException e) {
            return e.toString();
        }
    }
}
