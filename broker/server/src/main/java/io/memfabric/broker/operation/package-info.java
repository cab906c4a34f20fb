/// Operations: what a caller can wait for.
@NullMarked
package io.memfabric.broker.operation;

import org.jspecify.annotations.NullMarked;
