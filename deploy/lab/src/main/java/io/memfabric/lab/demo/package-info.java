/// The main job as a show with figures: idle memory of one host becomes memory of another's VM.
@NullMarked
package io.memfabric.lab.demo;

import org.jspecify.annotations.NullMarked;
