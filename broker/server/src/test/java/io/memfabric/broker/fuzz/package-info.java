/// Requests that the contract leads to and nobody meant: made, sent and judged.
@NullMarked
package io.memfabric.broker.fuzz;

import org.jspecify.annotations.NullMarked;
