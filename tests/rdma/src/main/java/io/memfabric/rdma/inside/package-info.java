/// What runs inside the VMs: the agent's own lending and borrowing, and peers that mean no good.
@NullMarked
package io.memfabric.rdma.inside;

import org.jspecify.annotations.NullMarked;
