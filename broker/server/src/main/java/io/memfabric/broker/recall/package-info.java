/// Recalls: lenders that need their memory back by a deadline, and hosts that are drained.
@NullMarked
package io.memfabric.broker.recall;

import org.jspecify.annotations.NullMarked;
