/**
 * How wrong an output is, as one number: means over the batch, stable for outputs of any size.
 * Written over {@code Tensor}s like everything else, so that every transform goes through them.
 */
@NullMarked
package dev.fathom.nn.loss;

import org.jspecify.annotations.NullMarked;
