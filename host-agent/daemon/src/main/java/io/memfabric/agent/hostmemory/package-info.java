/// What the host's kernel says about memory: how much there is, and how much a VM really takes.
@NullMarked
package io.memfabric.agent.hostmemory;

import org.jspecify.annotations.NullMarked;
