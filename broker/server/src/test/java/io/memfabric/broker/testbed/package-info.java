/// A broker on its embedded database, and agents and callers that talk to it over HTTP.
@NullMarked
package io.memfabric.broker.testbed;

import org.jspecify.annotations.NullMarked;
