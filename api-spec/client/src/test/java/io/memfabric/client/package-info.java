/// The client against a broker that says what a test wants.
@NullMarked
package io.memfabric.client;

import org.jspecify.annotations.NullMarked;
