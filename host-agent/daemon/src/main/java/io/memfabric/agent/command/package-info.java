/// What the broker wants done, carried out: ties lending, borrowing, the hypervisor and the guests
/// together, in the one order in which no page can be lost.
@NullMarked
package io.memfabric.agent.command;

import org.jspecify.annotations.NullMarked;
