package dev.fathom.optim.recipe;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Statistic;

import java.util.Map;

/**
 * A model for tests: parameters, and leaves of both kinds that are not trained. Public, so that it
 * is a tree.
 */
public record Model(Map<String, Tensor> weights, Statistic mean, Tensor count) {}
