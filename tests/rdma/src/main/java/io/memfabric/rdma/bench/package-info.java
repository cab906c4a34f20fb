/// The benchmark of RDMA: runs what measures, and writes down what came of it.
@NullMarked
package io.memfabric.rdma.bench;

import org.jspecify.annotations.NullMarked;
