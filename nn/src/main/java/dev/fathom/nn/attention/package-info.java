/**
 * Attention: layers whose outputs look at a whole set of inputs.
 *
 * <p>{@link dev.fathom.nn.attention.BilinearAttention} is the linear map on both sides of a matrix
 * that some texts call attention; {@link dev.fathom.nn.attention.Attention} and {@link
 * dev.fathom.nn.attention.MultiHeadAttention} are the softmax attention of transformers, and {@link
 * dev.fathom.nn.attention.EncoderBlock} and {@link dev.fathom.nn.attention.DecoderBlock} their
 * blocks. The order of a sequence comes from {@link dev.fathom.nn.attention.LearnedPositions},
 * {@link dev.fathom.nn.attention.SinusoidalPositions} or {@link
 * dev.fathom.nn.attention.RelativePositions}.
 */
@NullMarked
package dev.fathom.nn.attention;

import org.jspecify.annotations.NullMarked;
