/// This host's certificate in the fabric: asked of the broker, kept, renewed, shown to other hosts.
@NullMarked
package io.memfabric.agent.certificate;

import org.jspecify.annotations.NullMarked;
