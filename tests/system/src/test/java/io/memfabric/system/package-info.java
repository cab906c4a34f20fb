/// Tests that kill real processes under load and look at every page.
@NullMarked
package io.memfabric.system;

import org.jspecify.annotations.NullMarked;
