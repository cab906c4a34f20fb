/// The frames that cross between a host agent and the balloon daemon inside a guest.
@NullMarked
package io.memfabric.contract.guest;

import org.jspecify.annotations.NullMarked;
