/// The regions that hosts lend, reconciled with what their lenders say.
@NullMarked
package io.memfabric.broker.lending;

import org.jspecify.annotations.NullMarked;
