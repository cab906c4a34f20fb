/// VMs with verbs, as processes of this host.
@NullMarked
package io.memfabric.rdma.vm;

import org.jspecify.annotations.NullMarked;
