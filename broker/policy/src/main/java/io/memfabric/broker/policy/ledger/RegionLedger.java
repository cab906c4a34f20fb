package io.memfabric.broker.policy.ledger;

import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The regions that lenders offer, and which grant has which: what keeps two tenants off one page.
///
/// A region is claimed here before its lender hears of it, and is free again only when its lender has
/// fenced it. In every ledger, whatever is asked of it and in whatever order:
///
/// - the generation of a region never falls. One that its lender takes back and offers again goes on
///   after the last generation in which it was claimed, so no generation ever has two owners;
/// - a region is claimed out of the free ones alone, in the next generation; or out of the blocked
///   ones in the very generation in which its lender keeps it for the very grant;
/// - an inventory never ends a claim. Only a fence, or the loss of the table, does.
///
/// Each call belongs to the change at hand, which is the ledger's own matter (a transaction), and
/// which happens whole or not at all. Whoever catches an exception of a call inside of a change must
/// take the change back.
public interface RegionLedger {

    /// The regions of a table, in no order.
    List<Region> regions(TableId table);

    /// Claims the free regions with the lowest numbers for a grant. Those that another change has
    /// just got hold of are passed over.
    ///
    /// @return the claims, in no order, each in a generation that was never claimed before
    /// @throws Overtaken where fewer than `count` are left; the change must be taken back
    List<RegionClaim> claim(UUID grantId, TableId table, int count);

    /// Gives a grant that is rebuilt the blocked regions that their lender keeps for it.
    ///
    /// @param generations the generation of each region
    /// @return whether all of them are kept for it in these very generations, none of which was
    ///     claimed here before; where not, the change must be taken back
    boolean recognise(UUID grantId, TableId table, Map<Long, Long> generations);

    /// Frees those of the regions that the grant has, whose lender has fenced them. One that is
    /// disputed is blocked instead, until its lender has said anew what it has.
    void free(UUID grantId, TableId table, Collection<Long> regionIds);

    /// Removes those of the regions that are free, which their lender has given back to its host.
    void withdraw(TableId table, Collection<Long> regionIds);

    /// Removes those of the regions that the grant has, whose table is gone.
    void remove(UUID grantId, TableId table, Collection<Long> regionIds);

    /// Brings the regions of a table in line with what its lender says, which is its whole inventory.
    ///
    /// @return what that changed, and what the lender keeps for claims that the ledger does not have
    Reconciliation apply(TableId table, Medium medium, List<RegionReport> inventory);

    /// Removes what there is of a host's other tables of that medium, claimed or not: they are gone.
    ///
    /// @param bootId the table that the host has now, or null where it has none
    void forgetOthers(UUID hostId, @Nullable UUID bootId, Medium medium);
}
