/// The broker: the one ledger of who lends memory to whom, and the API that drives it.
@NullMarked
package io.memfabric.broker;

import org.jspecify.annotations.NullMarked;
