/// Complete memfabric hosts on one machine: namespaces, libvirt daemons, agents, a broker and VMs.
@NullMarked
package io.memfabric.lab;

import org.jspecify.annotations.NullMarked;
