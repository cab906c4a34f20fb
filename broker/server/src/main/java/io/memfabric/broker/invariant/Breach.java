package io.memfabric.broker.invariant;

/// Something in the ledger that breaks one of its rules.
///
/// @param rule the name of the rule
/// @param subject what breaks it: a host, a grant, a region
public record Breach(String rule, String subject, String detail) {}
