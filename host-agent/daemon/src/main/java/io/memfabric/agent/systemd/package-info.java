/// What outlives this process: descriptors that systemd, or whoever speaks its protocol, holds.
@NullMarked
package io.memfabric.agent.systemd;

import org.jspecify.annotations.NullMarked;
