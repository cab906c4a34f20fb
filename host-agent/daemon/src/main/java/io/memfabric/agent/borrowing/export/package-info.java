/// A grant's device, served to QEMU over NBD on a unix socket.
@NullMarked
package io.memfabric.agent.borrowing.export;

import org.jspecify.annotations.NullMarked;
