/// What the demo makes of its measurements.
@NullMarked
package io.memfabric.lab.demo;

import org.jspecify.annotations.NullMarked;
