/// Brokers as processes under simulated hosts: what they do in a second, and what is left of their
/// word when they are killed.
@NullMarked
package io.memfabric.control;

import org.jspecify.annotations.NullMarked;
