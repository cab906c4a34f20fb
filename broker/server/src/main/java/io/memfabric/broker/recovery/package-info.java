/// What the broker does when its ledger has lost commits: it grants and releases nothing until its
/// hosts have said what they hold.
@NullMarked
package io.memfabric.broker.recovery;

import org.jspecify.annotations.NullMarked;
