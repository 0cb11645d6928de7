/**
 * Layers. A layer is a record of tensors and other layers with one method, {@code apply(x, pass)};
 * a network is a layer made of layers. The forward computation is all there is to write:
 *
 * <pre>{@code
 * record Mlp(Dense hidden, Dense output) implements Layer {
 *     static Mlp of(int in, int width, int classes, Key key) {
 *         var keys = key.split(2);
 *         return new Mlp(Dense.of(in, width, keys[0]), Dense.of(width, classes, keys[1]));
 *     }
 *
 *     public Tensor apply(Tensor x, Pass pass) {                       // x: (n, in)
 *         return output.apply(relu(hidden.apply(x, pass)), pass);      // (n, classes)
 *     }
 * }
 * }</pre>
 *
 * <p>Conventions: the batch is the first axis and channels are the last; layers take their dtype
 * from their parameters and never convert; factories named {@code of} hold the defaults and make
 * float32 parameters from a {@link dev.fathom.core.random.Key}. To work in double precision, cast
 * every leaf with {@code Tree.map}.
 *
 * <p>What differs between training and evaluation, random numbers and running statistics go through
 * the {@link dev.fathom.nn.layer.Pass}; a layer itself never changes. A network as a table: {@link
 * dev.fathom.nn.layer.Summary}.
 */
@NullMarked
package dev.fathom.nn.layer;

import org.jspecify.annotations.NullMarked;
