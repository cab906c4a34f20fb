/// Events: what happened, in order, for ever.
@NullMarked
package io.memfabric.broker.event;

import org.jspecify.annotations.NullMarked;
