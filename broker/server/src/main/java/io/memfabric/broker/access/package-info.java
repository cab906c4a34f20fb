/// Who may call: tokens of people, control planes and agents.
@NullMarked
package io.memfabric.broker.access;

import org.jspecify.annotations.NullMarked;
