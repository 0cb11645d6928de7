/** Normalisation: layers that keep the size of activations or of weights. */
@NullMarked
package dev.fathom.nn.norm;

import org.jspecify.annotations.NullMarked;
