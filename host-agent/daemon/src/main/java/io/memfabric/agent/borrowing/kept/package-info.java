/// Kept memory from the kernel: locked, of a length that nobody can change, never on a disk.
@NullMarked
package io.memfabric.agent.borrowing.kept;

import org.jspecify.annotations.NullMarked;
