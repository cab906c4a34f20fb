package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.LegReport;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The devices that this host builds from other hosts' regions. Safe for use by several threads.
public interface Borrowing extends AutoCloseable {

    /// Opens every leg of the plan, builds the device and exports it over NBD on a unix socket of
    /// its own. Opening what is open under the same epoch answers the same disk.
    ///
    /// @throws BorrowingException where a leg cannot be opened; nothing is left open then
    ExportedDisk open(AttachGrant plan) throws BorrowingException;

    /// Opens again what an earlier process had opened, with what was kept of it: its clients' socket
    /// and, where the pages cannot be read without, its kept memory.
    ///
    /// @throws BorrowingException `metadata_missing` where that memory is gone, and as [#open]
    default ExportedDisk resume(AttachGrant plan) throws BorrowingException {
        return open(plan);
    }

    /// Puts new legs in the place of others while the device goes on, all or none. Each new leg is an
    /// empty region that its lender has prepared; it gets every write from now on. Where there are two
    /// copies it is given the old pages in the background, see [#legsNotWhole]; where there is one,
    /// they are copied before this answers. What is in place already stays.
    ///
    /// @param remember writes down the new plan, before anything depends on the new legs alone; what
    ///     it throws is thrown on
    /// @throws BorrowingException where the grant is not open, a new leg cannot be reached, or the leg
    ///     to be replaced holds what no other does; nothing has changed then
    void replaceLegs(UUID grantId, List<LegReplacement> replacements, Runnable remember)
            throws BorrowingException;

    /// Like the other one, where nobody need remember.
    default void replaceLegs(UUID grantId, List<LegReplacement> replacements)
            throws BorrowingException {
        replaceLegs(grantId, replacements, () -> {});
    }

    /// Goes on without these legs, all or none; nothing is sent to them any more when this answers.
    ///
    /// @throws BorrowingException where the grant is not open with two copies, has no such leg, or
    ///     one of them holds what no other does (`leg_needed`); nothing has changed then
    void dropLegs(UUID grantId, List<DropLegs.Dropped> legs) throws BorrowingException;

    /// The legs of an open grant that are not whole.
    List<LegReport> legsNotWhole(UUID grantId);

    /// Has somebody told whenever a leg of any grant broke, came back, was lost or became whole. It
    /// must not wait.
    void whenLegsChange(Runnable listener);

    /// Why an open device answers nothing any more, if that is so.
    Optional<DeviceStop> stopOf(UUID grantId);

    /// How many writes the VM has sent to an open device so far; 0 where it is not open.
    long writesTo(UUID grantId);

    /// The open device of a grant.
    Optional<ExportedDisk> find(UUID grantId);

    /// Closes a grant's device and its legs and destroys its key, so that nobody can read its pages
    /// any more; the caller has made sure that no VM has it any more. Closing what is not open does
    /// nothing more than letting go of what was kept.
    void close(UUID grantId);

    /// Ends every device of this process. What is kept stays for the next one, to [#resume].
    @Override
    void close();
}
