package io.memfabric.broker.lending;

import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.RegionReport;
import java.util.List;
import java.util.UUID;

/// A host's inventory is in the ledger. Published after its transaction.
///
/// @param foreign regions that the lender keeps for a claim that the ledger does not know
/// @param foreignSpill the same of the regions on its disk
public record InventoryTaken(
        UUID hostId,
        HostInventory inventory,
        List<RegionReport> foreign,
        List<RegionReport> foreignSpill) {}
