/// Tests that boot VMs with verbs.
@NullMarked
package io.memfabric.rdma;

import org.jspecify.annotations.NullMarked;
