/// The messages that cross between a host agent and the broker.
@NullMarked
package io.memfabric.contract.agent;

import org.jspecify.annotations.NullMarked;
