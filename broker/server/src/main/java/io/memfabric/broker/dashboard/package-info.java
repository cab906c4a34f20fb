/// The dashboard's pages: static files, and what a browser may do with them.
@NullMarked
package io.memfabric.broker.dashboard;

import org.jspecify.annotations.NullMarked;
