/// Regions served to one-sided reads and writes over RDMA.
@NullMarked
package io.memfabric.agent.lending.rdma;

import org.jspecify.annotations.NullMarked;
