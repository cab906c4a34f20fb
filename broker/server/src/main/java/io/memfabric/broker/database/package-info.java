/// The broker's PostgreSQL: embedded or elsewhere, and transactions that survive conflicts.
@NullMarked
package io.memfabric.broker.database;

import org.jspecify.annotations.NullMarked;
