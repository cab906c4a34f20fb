/// The agent's settings: read once, checked completely, refused with one clear line.
@NullMarked
package io.memfabric.agent.settings;

import org.jspecify.annotations.NullMarked;
