/// How a region is named on the wire between a borrower and a lender.
@NullMarked
package io.memfabric.contract.region;

import org.jspecify.annotations.NullMarked;
