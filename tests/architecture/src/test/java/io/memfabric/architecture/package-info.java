/// The import rules of the house, held against the compiled classes.
@NullMarked
package io.memfabric.architecture;

import org.jspecify.annotations.NullMarked;
