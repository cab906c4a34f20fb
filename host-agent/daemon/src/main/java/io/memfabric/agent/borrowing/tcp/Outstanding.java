package io.memfabric.agent.borrowing.tcp;

import io.memfabric.agent.borrowing.Answers;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.NbdException;
import io.memfabric.agent.nbd.RequestHeader;
import io.memfabric.agent.nbd.Wire;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLongArray;

/// The requests of one leg that are not answered, by slot. A request's cookie on the wire is its
/// slot and a number that was never used on this leg, so no late, doubled or invented answer can be
/// taken for the one that is awaited.
final class Outstanding {

    private static final int SLOT_BITS = 7;
    private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;

    /// The awaited cookies, 0 where nothing is awaited. Written last by who sends and read first by
    /// who receives, which publishes the request itself from one to the other.
    private final AtomicLongArray awaited = new AtomicLongArray(Requests.ALL);

    private long number;

    /// Enters a request and completes the header of its frame. The caller holds the leg's sending
    /// lock.
    void enter(Requests requests, int slot, long offset) {
        long cookie = ++number << SLOT_BITS | slot;
        RequestHeader.redirect(requests.memory(slot), requests.frame(slot), cookie, offset);
        awaited.setRelease(slot, cookie);
    }

    /// The slot that this cookie answers.
    ///
    /// @throws NbdException where it answers none
    int slotOf(long cookie) throws NbdException {
        int slot = (int) cookie & SLOT_MASK;
        if (slot >= awaited.length() || cookie == 0 || awaited.getAcquire(slot) != cookie) {
            throw new NbdException("an answer to no request");
        }
        return slot;
    }

    void leave(int slot) {
        awaited.setRelease(slot, 0);
    }

    /// Takes a leave back.
    void stay(int slot, long cookie) {
        awaited.setRelease(slot, cookie);
    }

    boolean isEmpty() {
        for (int slot = 0; slot < awaited.length(); slot++) {
            if (awaited.get(slot) != 0) {
                return false;
            }
        }
        return true;
    }

    /// Sends every request again: the writes first, because the lender may stop receiving while we
    /// do not take the data of reads.
    void sendAgain(Wire wire, Requests requests) throws IOException {
        for (boolean writes : new boolean[] {true, false}) {
            for (int slot = 0; slot < awaited.length(); slot++) {
                if (awaited.get(slot) != 0 && (requests.command(slot) == Nbd.CMD_WRITE) == writes) {
                    Outbox.sendOne(wire, requests, slot);
                }
            }
        }
    }

    /// Lets go of every request.
    void abandon(Answers answers) {
        for (int slot = 0; slot < awaited.length(); slot++) {
            if (awaited.getAndSet(slot, 0) != 0) {
                answers.abandoned(slot);
            }
        }
    }
}
