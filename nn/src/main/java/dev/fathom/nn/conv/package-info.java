/**
 * Layers over space and time: convolutions and their transposes, pools, up-sampling. The batch is
 * the first axis, channels are the last, and the axes between are the places.
 *
 * <pre>{@code
 * var net = Sequential.of(
 *         Conv2d.of(1, 16, 3, keys[0]),          // (n, 28, 28, 16)
 *         Activation.RELU,
 *         MaxPool.of(2),                         // (n, 14, 14, 16)
 *         GlobalAveragePool.of());               // (n, 16)
 * }</pre>
 */
@NullMarked
package dev.fathom.nn.conv;

import org.jspecify.annotations.NullMarked;
