package io.memfabric.contract.agent;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// To a borrower: go on without these legs, all or none. Each is one of two; done means that no
/// request goes to them any more, now or after a restart, and that the borrower remembers that they
/// have nothing. Refused (`leg_needed`) where the other leg of an extent does not have every page.
///
/// @param legs at least one, each extent at most once
public record DropLegs(UUID commandId, UUID grantId, long epoch, List<Dropped> legs)
        implements AgentCommand {

    /// A leg to go on without.
    ///
    /// @param extent the extent's index
    /// @param exportName the leg's name, see [io.memfabric.contract.region.ExportName]
    public record Dropped(int extent, String exportName) {

        public Dropped {
            Check.notNegative("extent", extent);
            Check.name("exportName", exportName, 255);
        }
    }

    public DropLegs {
        Check.present("commandId", commandId);
        Check.present("grantId", grantId);
        Check.notNegative("epoch", epoch);
        legs = List.copyOf(Check.present("legs", legs));
        if (legs.isEmpty()) {
            throw new IllegalArgumentException("legs is empty");
        }
        Check.atMost("legs", legs.size(), 16_384);
        Set<Integer> extents = new HashSet<>();
        for (Dropped leg : legs) {
            if (!extents.add(leg.extent())) {
                throw new IllegalArgumentException("extent " + leg.extent() + " is named twice");
            }
        }
    }
}
