/// Regions served over NBD on TCP.
@NullMarked
package io.memfabric.agent.lending.tcp;

import org.jspecify.annotations.NullMarked;
