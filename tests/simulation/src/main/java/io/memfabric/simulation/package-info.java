/// Lives of hosts and guests in simulated time, run through the production policies and through the
/// rules that others publish, and judged against an oracle.
@NullMarked
package io.memfabric.simulation;

import org.jspecify.annotations.NullMarked;
