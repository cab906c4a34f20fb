/// The fabric's authority: certificates for the hosts' connections to each other.
@NullMarked
package io.memfabric.broker.certificate;

import org.jspecify.annotations.NullMarked;
