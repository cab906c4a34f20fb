package io.memfabric.agent.policy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.region.ExportName;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A lender's own record of its regions and of who may reach them. The broker plans, this table
/// judges: a claim counts only in this table's boot id and in a generation above every one before.
///
/// Immutable: each change answers the next table, and what the caller has to do around it. A region
/// is fenced in two steps, because between them its connections are cut and its memory is zeroed:
/// after [#beginFence] nobody is admitted, after [#endFence] it can be claimed again.
public final class RegionTable {

    /// A generation may run ahead of the table by this much and no more: an absurd number must not
    /// use up all that can follow.
    static final long MAX_GENERATION_JUMP = 1L << 32;

    /// The same for the epochs of a grant.
    static final long MAX_EPOCH_JUMP = 1L << 32;

    private static final int CAPABILITY_CHARS = 32;

    /// @param generation the highest generation that this region was claimed or fenced in
    /// @param claim who holds it, or null where it is free
    /// @param lastGrant who held it last, so that this grant's epochs only grow here
    private record Region(
            long generation, @Nullable Claim claim, @Nullable UUID lastGrant, long lastEpoch) {

        /// Whether a generation is above this one and not absurdly so.
        boolean canBecome(long wanted) {
            return wanted > generation && wanted - generation <= MAX_GENERATION_JUMP;
        }

        Region raisedTo(long wanted) {
            return canBecome(wanted) ? new Region(wanted, claim, lastGrant, lastEpoch) : this;
        }

        Region shut() {
            return new Region(
                    generation, claim == null ? null : claim.shut(), lastGrant, lastEpoch);
        }

        Region freed() {
            return new Region(generation, null, lastGrant, lastEpoch);
        }
    }

    private record Claim(UUID grantId, long epoch, String capability, boolean fencing) {

        boolean isOf(PrepareRegions command) {
            return !fencing
                    && grantId.equals(command.grantId())
                    && epoch == command.epoch()
                    && same(capability, command.capability());
        }

        Claim shut() {
            return new Claim(grantId, epoch, capability, true);
        }

        static boolean same(String mine, String theirs) {
            return MessageDigest.isEqual(mine.getBytes(US_ASCII), theirs.getBytes(US_ASCII));
        }
    }

    /// What a claim came to.
    public sealed interface Preparation {
        /// The regions are claimed in `next`.
        record Claimed(RegionTable next) implements Preparation {}

        /// The very same claim holds already.
        record Repeated() implements Preparation {}

        /// Nothing changed.
        record Refused(String code, String detail) implements Preparation {}
    }

    /// The first half of a fence.
    ///
    /// @param next the table in which nobody is admitted to the regions any more
    /// @param cut regions whose connections are to be cut and whose memory is to be zeroed, and
    ///     then handed to [#endFence]
    /// @param underway regions that another fence of this grant is cutting at this moment
    public record Fencing(RegionTable next, List<Long> cut, List<Long> underway) {}

    private final UUID bootId;
    private final long nextId;
    private final SortedMap<Long, Region> regions;

    private RegionTable(UUID bootId, long nextId, SortedMap<Long, Region> regions) {
        this.bootId = bootId;
        this.nextId = nextId;
        this.regions = Collections.unmodifiableSortedMap(regions);
    }

    public static RegionTable empty(UUID bootId) {
        return new RegionTable(bootId, 1, new TreeMap<>());
    }

    /// The table that was saved. A fence that was under way then has to be asked for again.
    public static RegionTable of(SavedTable saved) {
        SortedMap<Long, Region> regions = new TreeMap<>();
        for (SavedTable.Region region : saved.regions()) {
            UUID last = region.lastGrant();
            String capability = region.capability();
            Claim claim =
                    last == null || capability == null
                            ? null
                            : new Claim(last, region.lastEpoch(), capability, false);
            regions.put(
                    region.regionId(),
                    new Region(region.generation(), claim, last, region.lastEpoch()));
        }
        return new RegionTable(saved.bootId(), saved.nextId(), regions);
    }

    /// All of it, secrets included.
    public SavedTable save() {
        List<SavedTable.Region> all = new ArrayList<>(regions.size());
        regions.forEach(
                (id, region) ->
                        all.add(
                                new SavedTable.Region(
                                        id,
                                        region.generation(),
                                        region.lastGrant(),
                                        region.lastEpoch(),
                                        region.claim() == null
                                                ? null
                                                : region.claim().capability())));
        return new SavedTable(bootId, nextId, all);
    }

    public UUID bootId() {
        return bootId;
    }

    public int size() {
        return regions.size();
    }

    public int claimed() {
        return (int) regions.values().stream().filter(r -> r.claim() != null).count();
    }

    public List<RegionReport> report() {
        List<RegionReport> all = new ArrayList<>(regions.size());
        regions.forEach((id, region) -> all.add(report(id, region)));
        return all;
    }

    private static RegionReport report(long id, Region region) {
        Claim claim = region.claim();
        return claim == null
                ? new RegionReport(id, region.generation(), RegionReport.State.FREE, null, 0)
                : new RegionReport(
                        id,
                        region.generation(),
                        RegionReport.State.CLAIMED,
                        claim.grantId(),
                        claim.epoch());
    }

    /// The number that the next new region gets; numbers are never used twice.
    public long nextId() {
        return nextId;
    }

    /// The table with one more free region, number [#nextId].
    public RegionTable withNewRegion() {
        SortedMap<Long, Region> next = new TreeMap<>(regions);
        next.put(nextId, new Region(0, null, null, 0));
        return new RegionTable(bootId, nextId + 1, next);
    }

    /// The free regions to dissolve, youngest first, so that `wanted` regions remain; fewer where
    /// claims stand in the way.
    public List<Long> surplus(long wanted) {
        long excess = Math.max(0, size() - Math.max(0, wanted));
        return regions.keySet().stream()
                .sorted(Collections.reverseOrder())
                .filter(id -> claimOf(id).isEmpty())
                .limit(excess)
                .toList();
    }

    /// The table without these free regions.
    public RegionTable without(List<Long> ids) {
        SortedMap<Long, Region> next = new TreeMap<>(regions);
        for (Long id : ids) {
            Region region = next.remove(id);
            if (region == null || region.claim() != null) {
                throw new IllegalArgumentException("region " + id + " is not free");
            }
        }
        return new RegionTable(bootId, nextId, next);
    }

    /// Claims regions for a grant, all or none.
    public Preparation prepare(PrepareRegions command) {
        if (command.regions().isEmpty()) {
            return refused("no_regions", "the claim names no region");
        }
        if (!command.capability().matches("[0-9a-f]{" + CAPABILITY_CHARS + "}")) {
            return refused("bad_capability", "a capability is 32 hexadecimal digits");
        }
        SortedMap<Long, Region> next = new TreeMap<>(regions);
        int repeated = 0;
        for (RegionClaim wanted : command.regions()) {
            Region region = regions.get(wanted.regionId());
            if (region != null
                    && region.claim() != null
                    && wanted.bootId().equals(bootId)
                    && region.generation() == wanted.generation()
                    && region.claim().isOf(command)) {
                repeated++;
                continue;
            }
            Optional<Preparation.Refused> objection = objection(command, wanted, region);
            if (objection.isPresent()) {
                return objection.get();
            }
            Claim claim =
                    new Claim(command.grantId(), command.epoch(), command.capability(), false);
            Region claimed =
                    new Region(wanted.generation(), claim, command.grantId(), command.epoch());
            Region before = next.put(wanted.regionId(), claimed);
            if (before == null || before.claim() != null) {
                return refused(
                        "duplicate_region", "region " + wanted.regionId() + " is named twice");
            }
        }
        if (repeated == command.regions().size()) {
            return new Preparation.Repeated();
        }
        if (repeated > 0) {
            return refused("region_claimed", "a part of the claim holds already, and only a part");
        }
        return new Preparation.Claimed(new RegionTable(bootId, nextId, next));
    }

    private Optional<Preparation.Refused> objection(
            PrepareRegions command, RegionClaim wanted, @Nullable Region region) {
        String name = "region " + wanted.regionId();
        if (!wanted.bootId().equals(bootId)) {
            return Optional.of(
                    refused("stale_boot_id", name + " is of another region table than " + bootId));
        }
        if (region == null) {
            return Optional.of(refused("unknown_region", name + " does not exist"));
        }
        if (region.claim() != null) {
            return Optional.of(
                    refused("region_claimed", name + " is held by " + region.claim().grantId()));
        }
        if (wanted.generation() <= region.generation()) {
            return Optional.of(
                    refused(
                            "stale_generation",
                            name + " is in generation " + region.generation() + " already"));
        }
        if (!region.canBecome(wanted.generation())) {
            return Optional.of(
                    refused(
                            "implausible_generation",
                            name
                                    + " cannot go from generation "
                                    + region.generation()
                                    + " to that"));
        }
        if (command.grantId().equals(region.lastGrant()) && command.epoch() < region.lastEpoch()) {
            return Optional.of(
                    refused(
                            "stale_epoch",
                            name + " has seen this grant in epoch " + region.lastEpoch()));
        }
        long seen = command.grantId().equals(region.lastGrant()) ? region.lastEpoch() : 0;
        if (command.epoch() - seen > MAX_EPOCH_JUMP) {
            return Optional.of(
                    refused(
                            "implausible_epoch",
                            "the grant cannot go from epoch " + seen + " to that"));
        }
        return Optional.empty();
    }

    private static Preparation.Refused refused(String code, String detail) {
        return new Preparation.Refused(code, detail);
    }

    /// Shuts those of the named regions that this grant holds in an epoch not above the command's
    /// and in a generation not above the one that it names. Others are left alone, except that a
    /// free region takes over a higher generation. So a claim which is still on its way when its
    /// fence is acknowledged is dead when it arrives.
    public Fencing beginFence(FenceRegions command) {
        SortedMap<Long, Region> next = new TreeMap<>(regions);
        List<Long> cut = new ArrayList<>();
        List<Long> underway = new ArrayList<>();
        for (RegionClaim named : command.regions()) {
            Region region = next.get(named.regionId());
            if (region == null || !named.bootId().equals(bootId)) {
                continue;
            }
            Claim claim = region.claim();
            if (claim == null) {
                next.put(named.regionId(), region.raisedTo(named.generation()));
            } else if (claim.grantId().equals(command.grantId())
                    && claim.epoch() <= command.epoch()
                    && region.generation() <= named.generation()) {
                next.put(named.regionId(), region.shut().raisedTo(named.generation()));
                if (!claim.fencing()) {
                    cut.add(named.regionId());
                } else if (!cut.contains(named.regionId())) {
                    underway.add(named.regionId());
                }
            }
        }
        return new Fencing(
                new RegionTable(bootId, nextId, next), List.copyOf(cut), List.copyOf(underway));
    }

    /// Frees regions whose connections are cut and whose memory is zeroed.
    public RegionTable endFence(List<Long> cut) {
        SortedMap<Long, Region> next = new TreeMap<>(regions);
        for (Long id : cut) {
            Region region = next.get(id);
            if (region == null || region.claim() == null || !region.claim().fencing()) {
                throw new IllegalArgumentException("region " + id + " is not being fenced");
            }
            next.put(id, region.freed());
        }
        return new RegionTable(bootId, nextId, next);
    }

    /// Whether a region is between the two halves of a fence.
    public boolean isFencing(long id) {
        return claimOf(id).filter(Claim::fencing).isPresent();
    }

    /// Whether a peer that presents this name may reach the region: everything must match. The time
    /// that the last comparison takes does not tell how much of the secret was right.
    public boolean admits(ExportName name) {
        Region region = regions.get(name.regionId());
        if (region == null || region.claim() == null) {
            return false;
        }
        Claim claim = region.claim();
        return !claim.fencing()
                && name.bootId().equals(bootId)
                && name.generation() == region.generation()
                && name.grantId().equals(claim.grantId())
                && name.epoch() == claim.epoch()
                && Claim.same(claim.capability(), name.capability());
    }

    private Optional<Claim> claimOf(long id) {
        Region region = regions.get(id);
        return region == null ? Optional.empty() : Optional.ofNullable(region.claim());
    }
}
