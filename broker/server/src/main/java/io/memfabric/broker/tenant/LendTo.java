package io.memfabric.broker.tenant;

/// Whom the idle memory of a tenant's VMs may be lent to.
enum LendTo {
    NOBODY,
    ITSELF,
    EVERYBODY
}
