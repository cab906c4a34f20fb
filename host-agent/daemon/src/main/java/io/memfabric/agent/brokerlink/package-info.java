/// The agent's way to the broker: enrolls, reports, takes commands and delivers their results.
@NullMarked
package io.memfabric.agent.brokerlink;

import org.jspecify.annotations.NullMarked;
