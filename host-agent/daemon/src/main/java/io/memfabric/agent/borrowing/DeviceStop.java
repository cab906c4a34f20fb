package io.memfabric.agent.borrowing;

/// Why a device answers nothing any more.
///
/// @param code a stable code such as `region_gone`
/// @param detail one sentence for an operator
public record DeviceStop(String code, String detail) {}
