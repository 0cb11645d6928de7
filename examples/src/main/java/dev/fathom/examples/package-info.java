/**
 * Files to start from:
 *
 * <ul>
 *   <li>{@link dev.fathom.examples.DerivativePlayground}: derivatives of every kind of one small
 *       function
 *   <li>{@link dev.fathom.examples.TrainingLoop}: training a network on real images in ten lines
 *   <li>{@link dev.fathom.examples.CustomLayer}: a layer of your own, which is a record with one
 *       method
 *   <li>{@link dev.fathom.examples.CustomOperation}: an operation of your own, with its derivative
 *   <li>{@link dev.fathom.examples.DigitsAutoencoder}: digits said with eight numbers each, and
 *       drawn again
 *   <li>{@link dev.fathom.examples.FeaturesByHand}: template matching, pooling and lifting with
 *       affine maps and rectifiers, exactly
 *   <li>{@link dev.fathom.examples.DepthAndShortcuts}: plain networks of 8 and of 40 layers, and 40
 *       with a way round every two
 *   <li>{@link dev.fathom.examples.DeepNormStack}: a transformer of 200 blocks that trains
 *   <li>{@link dev.fathom.examples.PretextTransfer}: features learned from turned images without
 *       labels, and what a few labels are worth with them
 *   <li>{@link dev.fathom.examples.OverfittingToolbox}: a thousand images, and what each remedy
 *       against overfitting does
 * </ul>
 */
@NullMarked
package dev.fathom.examples;

import org.jspecify.annotations.NullMarked;
