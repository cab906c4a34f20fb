/// Legs over RDMA.
@NullMarked
package io.memfabric.agent.borrowing.rdma;

import org.jspecify.annotations.NullMarked;
