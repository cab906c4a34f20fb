/// The image that a VM with verbs boots: Debian's kernel and tools, a small Java, our classes.
@NullMarked
package io.memfabric.rdma.image;

import org.jspecify.annotations.NullMarked;
