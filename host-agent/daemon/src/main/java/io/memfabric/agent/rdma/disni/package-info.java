/// The verbs through DiSNI. Loaded by a class loader of its own, see VerbsLibrary; nothing else names
/// these classes.
@NullMarked
package io.memfabric.agent.rdma.disni;

import org.jspecify.annotations.NullMarked;
