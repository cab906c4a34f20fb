package io.memfabric.contract.agent;

import java.util.List;

/// The broker's answer to a [RoundTripReport].
///
/// @param lenders hosts with free regions to measure the ways to, besides those that the host has
///     legs at; at most 16
public record RoundTripReply(List<LenderPlace> lenders) {

    public RoundTripReply {
        lenders = List.copyOf(Check.present("lenders", lenders));
        Check.atMost("lenders", lenders.size(), 16);
    }
}
