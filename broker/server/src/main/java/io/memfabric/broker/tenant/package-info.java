/// Tenants: who owns which VMs, how much each may borrow, and whom it lends to.
@NullMarked
package io.memfabric.broker.tenant;

import org.jspecify.annotations.NullMarked;
