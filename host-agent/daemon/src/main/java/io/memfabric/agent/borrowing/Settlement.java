package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;

/// Finds out which of the writes that nobody waits for any more took place, page by page: reads the
/// page, sees which record fits, makes that the page's record, and writes it back so that every copy
/// is the same. Until then the pages are nobody's.
///
/// One thread advances it, answers come in others; each waits for the other, and [#step] hands over.
final class Settlement {

    private enum Step {
        IDLE,
        READ_NEXT,
        READING,
        NEW_FOUND,
        OLD_FOUND,
        ZEROS_DUE,
        WRITING,
        WRITE_AGAIN,
        WRITTEN
    }

    private final KeptGrant grant;
    private final WriteJournal journal;
    private final PageClaims claims;
    private final Requests requests;
    private final ByteBuffer frame =
            ByteBuffer.allocateDirect(RequestHeader.BYTES + KeptLayout.PAGE);
    private final PageRecord record = new PageRecord();

    private volatile Step step = Step.IDLE;
    private int entry;
    private int index;

    Settlement(KeptGrant grant, WriteJournal journal, PageClaims claims, Requests requests) {
        this.grant = grant;
        this.journal = journal;
        this.claims = claims;
        this.requests = requests;
        for (long left = journal.taken(); left != 0; left &= left - 1) {
            int found = Long.numberOfTrailingZeros(left);
            long first = journal.first(found);
            claims.claimUnsettled(found, first, first + journal.count(found));
        }
    }

    /// Does the next step, unless there is none to do now.
    boolean advance(BlockDevice device) {
        switch (step) {
            case READING, WRITING -> {
                return false;
            }
            case IDLE -> {
                entry = claims.anyUnsettled();
                index = 0;
                if (entry < 0) {
                    return false;
                }
                step = Step.READ_NEXT;
            }
            case READ_NEXT -> sendOff(device, Nbd.CMD_READ, Step.READING);
            case NEW_FOUND -> {
                journal.install(entry, index, record);
                sendOff(device, Nbd.CMD_WRITE, Step.WRITING);
            }
            case OLD_FOUND -> sendOff(device, Nbd.CMD_WRITE, Step.WRITING);
            case ZEROS_DUE -> sendOff(device, Nbd.CMD_TRIM, Step.WRITING);
            case WRITE_AGAIN -> sendOff(device, requests.command(Requests.SETTLE), Step.WRITING);
            case WRITTEN -> next();
        }
        return true;
    }

    private long page() {
        return journal.first(entry) + index;
    }

    private void sendOff(BlockDevice device, int command, Step then) {
        requests.setOwn(Requests.SETTLE, command, page() * KeptLayout.PAGE, KeptLayout.PAGE, frame);
        step = then;
        device.send(Requests.SETTLE);
    }

    private void next() {
        if (++index < journal.count(entry)) {
            step = Step.READ_NEXT;
            return;
        }
        journal.settle(entry);
        claims.settled(entry);
        journal.giveBack(entry);
        step = Step.IDLE;
    }

    /// The page was read or written back.
    ///
    /// @return false where what was read is neither what was before nor what was to be
    boolean answered(ByteBuffer memory, int at, PageSeal opening) {
        if (step == Step.WRITING) {
            step = Step.WRITTEN;
            return true;
        }
        PageRecord candidate = new PageRecord();
        Step found;
        if (opening.fits(memory, at, page(), journal.read(entry, index, candidate))) {
            found = Step.NEW_FOUND;
        } else {
            candidate.read(grant.memory(), grant.layout().record(page()));
            if (candidate.counter == 0) {
                found = Step.ZEROS_DUE;
            } else if (opening.fits(memory, at, page(), candidate)) {
                found = Step.OLD_FOUND;
            } else {
                return false;
            }
        }
        frame.put(RequestHeader.BYTES, memory, at, KeptLayout.PAGE);
        step = found;
        return true;
    }

    void abandoned() {
        step = step == Step.WRITING ? Step.WRITE_AGAIN : Step.READ_NEXT;
    }
}
