/// The value types every part of memfabric speaks: sizes, classes, modes and fixed limits.
@NullMarked
package io.memfabric.contract.vocabulary;

import org.jspecify.annotations.NullMarked;
