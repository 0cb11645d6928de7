/**
 * Normalisation: layers that keep the size of activations or of weights. A {@link
 * dev.fathom.nn.norm.Partition} says which values share a mean and a variance; batch, layer,
 * instance and group normalisation are its cases.
 */
@NullMarked
package dev.fathom.nn.norm;

import org.jspecify.annotations.NullMarked;
