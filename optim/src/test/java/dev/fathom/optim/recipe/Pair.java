package dev.fathom.optim.recipe;

import dev.fathom.core.tensor.Tensor;

/** Two leaves of different ranks. */
public record Pair(Tensor weight, Tensor bias) {}
