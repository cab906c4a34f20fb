package io.memfabric.contract.agent;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a host decided about one VM's balloon, doing nothing included, and why. Sizes in bytes.
///
/// @param sequence its number, from 1, in the life of one agent process
/// @param atEpochMillis when, by the host's wall clock
/// @param fromBytes the memory that the VM had
/// @param targetBytes the memory that it was to have; equal where nothing was done
/// @param rule a stable name such as `NEARLY_OUT`
/// @param reason one sentence for an operator
/// @param unless what would have led to another decision
/// @param outcome `done`, `observed only`, or what went wrong
/// @param inputs what it was decided from
public record VmDecision(
        long sequence,
        UUID vmId,
        long atEpochMillis,
        Action action,
        long fromBytes,
        long targetBytes,
        String rule,
        String reason,
        String unless,
        String outcome,
        Inputs inputs) {

    /// The ways to decide.
    public enum Action {
        INFLATE,
        DEFLATE,
        RETREAT,
        GROW,
        GIVE_BACK,
        HOLD
    }

    /// The figures behind a decision.
    ///
    /// @param usableBytes what the guest said that it could use, or null where it said nothing
    /// @param ageMillis how old that was
    /// @param pressureCentipercent PSI `some avg10` times 100, or null without PSI
    /// @param refaultsPerSecond pages that the guest read again a second
    /// @param stallMicrosPerSecond what it waited for memory a second while its balloon rested
    /// @param keepBytes the usable memory that was to stay with it
    public record Inputs(
            @Nullable Long usableBytes,
            long ageMillis,
            @Nullable Long pressureCentipercent,
            long refaultsPerSecond,
            long stallMicrosPerSecond,
            long keepBytes) {}

    public VmDecision {
        Check.notNegative("sequence", sequence);
        Check.present("vmId", vmId);
        Check.present("action", action);
        Check.notNegative("fromBytes", fromBytes);
        Check.notNegative("targetBytes", targetBytes);
        Check.name("rule", rule, 64);
        Check.name("reason", reason, 500);
        Check.name("unless", unless, 500);
        Check.name("outcome", outcome, 500);
        Check.present("inputs", inputs);
    }
}
