/// The hosts and their VMs: enrollment, reports, modes and limits.
@NullMarked
package io.memfabric.broker.inventory;

import org.jspecify.annotations.NullMarked;
