/// The invariants of the ledger: what must hold after every transaction, looked at from outside.
@NullMarked
package io.memfabric.broker.invariant;

import org.jspecify.annotations.NullMarked;
