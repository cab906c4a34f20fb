/// What the agent asks of a hypervisor: VMs, their balloons and their disks.
@NullMarked
package io.memfabric.agent.hypervisor;

import org.jspecify.annotations.NullMarked;
