/// Benchmarks: what memfabric does in a second, beside what others do on the same machine.
@NullMarked
package io.memfabric.benchmark;

import org.jspecify.annotations.NullMarked;
