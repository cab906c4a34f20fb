/// The operator's command line, on the public API alone.
@NullMarked
package io.memfabric.client.ctl;

import org.jspecify.annotations.NullMarked;
