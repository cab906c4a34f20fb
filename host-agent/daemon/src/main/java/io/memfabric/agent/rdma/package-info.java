/// The verbs of this host: queue pairs, registrations, one-sided reads and writes. The one place that
/// knows DiSNI. Whether there are any is found out when somebody asks; until then nothing is loaded.
@NullMarked
package io.memfabric.agent.rdma;

import org.jspecify.annotations.NullMarked;
