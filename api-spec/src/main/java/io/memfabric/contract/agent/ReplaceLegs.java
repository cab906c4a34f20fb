package io.memfabric.contract.agent;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// To a borrower: put new legs in the place of others, all or none, while the VM goes on. Each new
/// leg is an empty region that its lender has prepared for the grant. Done means that the new legs
/// get every write from now on, that the legs in whose place they came get no request any more, and
/// that the borrower will remember both after a restart. Where an extent has two legs, that the new
/// one has the old pages too is told by [GrantReport#legs], where a whole leg is not listed any
/// more. Where it has one, the old pages were copied before the answer.
///
/// @param replacements at least one, each extent at most once
public record ReplaceLegs(
        UUID commandId, UUID grantId, long epoch, List<LegReplacement> replacements)
        implements AgentCommand {

    public ReplaceLegs {
        Check.present("commandId", commandId);
        Check.present("grantId", grantId);
        Check.notNegative("epoch", epoch);
        replacements = List.copyOf(Check.present("replacements", replacements));
        if (replacements.isEmpty()) {
            throw new IllegalArgumentException("replacements is empty");
        }
        Check.atMost("replacements", replacements.size(), 16_384);
        Set<Integer> extents = new HashSet<>();
        for (LegReplacement replacement : replacements) {
            if (!extents.add(replacement.extent())) {
                throw new IllegalArgumentException(
                        "extent " + replacement.extent() + " is named twice");
            }
        }
    }
}
