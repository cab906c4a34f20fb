/// The ledger of regions: what it promises to the decisions that rest on it, and one in memory.
@NullMarked
package io.memfabric.broker.policy.ledger;

import org.jspecify.annotations.NullMarked;
