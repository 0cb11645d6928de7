/**
 * How good a model is, in numbers people understand. A {@link dev.fathom.train.metric.Metric} gives
 * the sum over a batch, so that the mean over a whole set is exact however it was cut into batches;
 * it is written over tensors and compiled with the step. {@link
 * dev.fathom.train.metric.ConfusionMatrix} counts which class was taken for which.
 */
@NullMarked
package dev.fathom.train.metric;

import org.jspecify.annotations.NullMarked;
