package dev.fathom.core.tree;

import dev.fathom.core.tensor.Tensor;

/**
 * A tensor that belongs to a model but is not trained: a running mean, a counter. It is saved and
 * loaded with the model, never differentiated and never touched by an optimizer.
 */
public record Statistic(Tensor value) {}
