/// The borrowing side of a host: a block device for a VM, made of other hosts' regions.
@NullMarked
package io.memfabric.agent.borrowing;

import org.jspecify.annotations.NullMarked;
