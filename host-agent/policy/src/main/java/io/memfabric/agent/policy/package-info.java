/// The decisions of a host: pure functions of a snapshot, the state before and the time.
@NullMarked
package io.memfabric.agent.policy;

import org.jspecify.annotations.NullMarked;
