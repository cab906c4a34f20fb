/// What every HTTP answer has in common: problems, pages, limits and strict JSON.
@NullMarked
package io.memfabric.broker.web;

import org.jspecify.annotations.NullMarked;
