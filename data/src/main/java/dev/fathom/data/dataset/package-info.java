/**
 * Examples and the batches made of them.
 *
 * <p>A {@link dev.fathom.data.dataset.Dataset} is an immutable list of examples: features of one
 * shape each, and a class or a vector of numbers to predict. Images stay bytes until a batch asks
 * for them, so that 60,000 of them take 47 MB instead of 188. Choosing examples ({@code take},
 * {@code subset}, {@code split}) and changing them ({@code map}, {@code normalisedBy}) give views
 * that copy nothing.
 *
 * <p>{@link dev.fathom.data.dataset.Batches} says how an epoch walks through a data set. It is a
 * value, not a cursor: batch {@code i} of epoch {@code e} is a function of the seed, {@code e} and
 * {@code i} alone, the same on every machine, with or without prefetching, so a run that was
 * interrupted goes on where it stopped.
 *
 * <pre>{@code
 * var parts = data.split(0.1, 42);               // the same tenth every time
 * var scale = Normalisation.of(parts.train());   // mean and deviation of the training part
 * var batches = parts.train().normalisedBy(scale).batches(128).shuffled(42).prefetch(2);
 * for (int epoch = 0; epoch < 10; epoch++) {
 *     for (var batch : batches.epoch(epoch)) {
 *         step(batch.features(), batch.labels());         // (128, 28, 28, 1) and (128)
 *     }
 * }
 * }</pre>
 */
@NullMarked
package dev.fathom.data.dataset;

import org.jspecify.annotations.NullMarked;
