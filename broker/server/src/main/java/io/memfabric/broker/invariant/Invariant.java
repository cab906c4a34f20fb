package io.memfabric.broker.invariant;

/// A rule of the ledger, as a query for what breaks it. A feature that adds tables adds its rules as
/// beans of this type.
///
/// @param name a stable snake_case name
/// @param breaches a query of two text columns: what breaks the rule, and how
public record Invariant(String name, String breaches) {}
