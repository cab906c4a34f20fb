package io.memfabric.contract.region;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name under which a lender serves several regions of one claim over NBD as one export, one
/// region after the other in the order of the name:
/// `mfs1.<boot id>.<grant id>.<epoch>.<capability>.<region id>-<generation>[.<region id>-…]`. A
/// borrower makes it from the names of the single regions, so that it needs one connection for each
/// lender and not one for each region. See `wire/region-over-nbd.md`.
///
/// @param regions at least one region, none of them twice; all of one table, grant, epoch and
///     capability
public record RegionSetName(List<ExportName> regions) {

    /// The longest string of the NBD protocol, in bytes.
    public static final int MAX_CHARS = 4096;

    private static final Pattern FORM =
            Pattern.compile(
                    "mfs1\\.([0-9a-f-]{36})\\.([0-9a-f-]{36})\\.([0-9]{1,18})\\.([0-9a-f]{32})"
                            + "((?:\\.[0-9]{1,18}-[0-9]{1,18})+)");

    public RegionSetName {
        regions = List.copyOf(regions);
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("a set of regions is empty");
        }
        ExportName first = regions.getFirst();
        if (!regions.stream().allMatch(region -> isOfOneClaim(first, region))) {
            throw new IllegalArgumentException("a set of regions of several claims");
        }
        if (regions.stream().map(ExportName::regionId).distinct().count() != regions.size()) {
            throw new IllegalArgumentException("a set of regions names one twice");
        }
    }

    /// Whether two regions can be in one set.
    public static boolean isOfOneClaim(ExportName one, ExportName other) {
        return one.bootId().equals(other.bootId())
                && one.grantId().equals(other.grantId())
                && one.epoch() == other.epoch()
                && one.capability().equals(other.capability());
    }

    /// Reads the name of a set, or of a single region, as a peer sent it.
    ///
    /// @throws IllegalArgumentException where it is neither
    public static RegionSetName parse(String name) {
        if (!name.startsWith("mfs1.")) {
            return new RegionSetName(List.of(ExportName.parse(name)));
        }
        Matcher m = FORM.matcher(name);
        if (name.length() > MAX_CHARS || !m.matches()) {
            throw new IllegalArgumentException("not the name of a set of regions");
        }
        List<ExportName> regions = new ArrayList<>();
        for (String pair : m.group(5).substring(1).split("\\.", -1)) {
            int dash = pair.indexOf('-');
            regions.add(
                    new ExportName(
                            UUID.fromString(m.group(1)),
                            Long.parseLong(pair.substring(0, dash)),
                            Long.parseLong(pair.substring(dash + 1)),
                            UUID.fromString(m.group(2)),
                            Long.parseLong(m.group(3)),
                            m.group(4)));
        }
        return new RegionSetName(regions);
    }

    /// The name as it goes on the wire.
    public String wire() {
        ExportName first = regions.getFirst();
        StringBuilder name =
                new StringBuilder("mfs1.")
                        .append(first.bootId())
                        .append('.')
                        .append(first.grantId())
                        .append('.')
                        .append(first.epoch())
                        .append('.')
                        .append(first.capability());
        for (ExportName region : regions) {
            name.append('.').append(region.regionId()).append('-').append(region.generation());
        }
        return name.toString();
    }

    /// The name without its secret, for logs.
    @Override
    public String toString() {
        return regions.size() == 1
                ? regions.getFirst().toString()
                : regions.getFirst() + " and " + (regions.size() - 1) + " more";
    }
}
