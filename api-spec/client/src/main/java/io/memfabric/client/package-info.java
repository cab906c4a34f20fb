/// The Java client of a fabric: connect, allocate, use, release.
@NullMarked
package io.memfabric.client;

import org.jspecify.annotations.NullMarked;
