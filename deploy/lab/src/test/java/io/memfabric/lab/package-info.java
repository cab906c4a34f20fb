/// What the lab's classes make of texts and samples.
@NullMarked
package io.memfabric.lab;

import org.jspecify.annotations.NullMarked;
