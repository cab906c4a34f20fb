/// The decisions of the broker: pure functions of snapshots.
@NullMarked
package io.memfabric.broker.policy;

import org.jspecify.annotations.NullMarked;
