/// Legs over NBD on TCP.
@NullMarked
package io.memfabric.agent.borrowing.tcp;

import org.jspecify.annotations.NullMarked;
