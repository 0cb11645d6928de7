/**
 * Where training starts. Weights drawn too small let signals die out from layer to layer, too large
 * let them explode; the laws here choose the variance from the number of connections so that the
 * size of activations (fan-in) or of gradients (fan-out) is kept. {@link
 * dev.fathom.nn.init.Initializer#standard} is what layers use when nothing is said.
 */
@NullMarked
package dev.fathom.nn.init;

import org.jspecify.annotations.NullMarked;
