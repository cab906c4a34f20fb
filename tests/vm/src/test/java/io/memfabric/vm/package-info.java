/// The main job, bad input and faults on real hosts and VMs.
@NullMarked
package io.memfabric.vm;

import org.jspecify.annotations.NullMarked;
