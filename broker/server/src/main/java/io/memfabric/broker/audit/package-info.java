/// The audit trail: who did what, in a chain of hashes that only grows.
@NullMarked
package io.memfabric.broker.audit;

import org.jspecify.annotations.NullMarked;
