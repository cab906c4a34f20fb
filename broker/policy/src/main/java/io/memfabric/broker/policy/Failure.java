package io.memfabric.broker.policy;

/// Why something did not happen.
///
/// @param code a stable snake_case code
/// @param detail one sentence for an operator
public record Failure(String code, String detail) {}
