/// The host agent as a program: joins the features and runs them.
@NullMarked
package io.memfabric.agent;

import org.jspecify.annotations.NullMarked;
