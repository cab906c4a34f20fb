/// Webhooks: events as signed CloudEvents, sent until they arrive.
@NullMarked
package io.memfabric.broker.webhook;

import org.jspecify.annotations.NullMarked;
