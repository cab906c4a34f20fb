/// NBD's connections sealed with TLS 1.3, where both sides show certificates of one fabric.
@NullMarked
package io.memfabric.agent.nbd.tls;

import org.jspecify.annotations.NullMarked;
