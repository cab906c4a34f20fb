/// The loop that moves balloons: looks once a second, decides by policy, acts, and observes what came
/// of it. What the host sees as freed becomes lendable.
@NullMarked
package io.memfabric.agent.balloon;

import org.jspecify.annotations.NullMarked;
