/**
 * Normalisation: layers that keep the size of activations or of weights. A {@link
 * dev.fathom.nn.norm.Partition} says which values share a mean and a variance; batch, layer,
 * instance and group normalisation are its cases. {@link dev.fathom.nn.norm.WeightNorm}, {@link
 * dev.fathom.nn.norm.WeightStandardisation} and {@link dev.fathom.nn.norm.SpectralNorm} stand
 * around a dense layer or a convolution; {@link dev.fathom.nn.norm.NormalizerFree}, {@link
 * dev.fathom.nn.norm.Fixup} and {@link dev.fathom.nn.norm.Lsuv} do without any normalisation, by
 * first values.
 */
@NullMarked
package dev.fathom.nn.norm;

import org.jspecify.annotations.NullMarked;
