/// Policies: what holds for the whole fabric, version by version.
@NullMarked
package io.memfabric.broker.policies;

import org.jspecify.annotations.NullMarked;
