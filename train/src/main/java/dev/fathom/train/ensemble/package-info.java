/**
 * What is made of trained models: {@link dev.fathom.train.ensemble.Ensemble} asks several of them,
 * {@link dev.fathom.train.ensemble.TemperatureScaling} makes one say how sure it is, and {@link
 * dev.fathom.train.ensemble.BatchStatistics} takes the statistics of batch normalisation anew for
 * averaged weights. All but the last are layers, to be measured and saved like other models.
 */
@NullMarked
package dev.fathom.train.ensemble;

import org.jspecify.annotations.NullMarked;
