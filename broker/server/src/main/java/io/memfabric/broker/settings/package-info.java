/// The broker's own settings, checked at start.
@NullMarked
package io.memfabric.broker.settings;

import org.jspecify.annotations.NullMarked;
