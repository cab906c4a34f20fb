/// The channel to the balloon daemons inside guests: untrusted bytes become hints and answers.
@NullMarked
package io.memfabric.agent.guest;

import org.jspecify.annotations.NullMarked;
