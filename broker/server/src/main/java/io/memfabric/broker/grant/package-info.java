/// Grants: memory of some hosts given to a VM of another, from creation to release.
@NullMarked
package io.memfabric.broker.grant;

import org.jspecify.annotations.NullMarked;
