package dev.fathom.data.dataset;

import dev.fathom.core.tensor.Tensor;

/**
 * Some examples side by side.
 *
 * @param features float32 {@code (n, ...)}: {@code (n, h, w, c)} for images, {@code (n, d)} for
 *     tables; int32 {@code (n, t)} for the tokens of a text
 * @param labels int32 {@code (n)} for classes, float32 {@code (n, k)} for numbers, int32 {@code (n,
 *     t)} for tokens
 * @param index which batch of its epoch this is, from 0
 * @param size the number of examples {@code n}
 */
public record Batch(Tensor features, Tensor labels, int index, int size) {}
