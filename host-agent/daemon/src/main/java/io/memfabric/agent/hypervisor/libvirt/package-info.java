/// The [io.memfabric.agent.hypervisor.Hypervisor] port over libvirt: the only place that knows it.
@NullMarked
package io.memfabric.agent.hypervisor.libvirt;

import org.jspecify.annotations.NullMarked;
