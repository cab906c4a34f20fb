/// The lending side of a host: regions of locked memory, and who may reach them.
@NullMarked
package io.memfabric.agent.lending;

import org.jspecify.annotations.NullMarked;
