/// The outbox of commands to agents and the results that come back.
@NullMarked
package io.memfabric.broker.command;

import org.jspecify.annotations.NullMarked;
