package io.memfabric.contract.agent;

/// Why a borrower serves a grant's device no more: its VM waits, and its hypervisor pauses it. What
/// the lenders hold stays as it is.
///
/// @param code a stable code such as `page_lost`
/// @param detail one sentence for an operator, at most 1,000 characters
public record GrantStop(String code, String detail) {

    private static final int MOST_DETAIL = 1000;

    public GrantStop {
        Check.name("code", code, 64);
        Check.present("detail", detail);
        detail = detail.length() <= MOST_DETAIL ? detail : detail.substring(0, MOST_DETAIL);
    }
}
