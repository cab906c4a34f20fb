/// The NBD protocol, both sides: headers, handshake and a server of plain memory. It knows no
/// region and no grant.
@NullMarked
package io.memfabric.agent.nbd;

import org.jspecify.annotations.NullMarked;
