/// What the fabric and its hosts had over time: minutes and hours, kept for a while.
@NullMarked
package io.memfabric.broker.capacity;

import org.jspecify.annotations.NullMarked;
