/// Tests of the benchmark's choices.
@NullMarked
package io.memfabric.rdma.bench;

import org.jspecify.annotations.NullMarked;
