/// Tests of the simulation, and of the policies within it.
@NullMarked
package io.memfabric.simulation;

import org.jspecify.annotations.NullMarked;
