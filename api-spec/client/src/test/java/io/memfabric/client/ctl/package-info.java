/// The command line against a broker that says what a test wants.
@NullMarked
package io.memfabric.client.ctl;

import org.jspecify.annotations.NullMarked;
