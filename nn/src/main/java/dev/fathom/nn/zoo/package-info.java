/**
 * Whole networks for classification, each one record that can be read in a minute. All are made
 * with {@code of(input, classes, key)}, where {@code input} is the shape of one example, such as
 * (28, 28, 1), take batches (n, input..), and give logits (n, classes) for {@link
 * dev.fathom.nn.loss.Losses#crossEntropy}.
 *
 * <table>
 * <caption>Networks, and parameters for Fashion-MNIST (28, 28, 1) with 10 classes; for {@code Cnn1d}: MNIST-1D
 * (40)</caption>
 * <tr><td>{@link dev.fathom.nn.zoo.Linear}</td><td>softmax regression</td><td>7,850</td></tr>
 * <tr><td>{@link dev.fathom.nn.zoo.Mlp}</td><td>two hidden layers</td><td>235,146</td></tr>
 * <tr><td>{@link dev.fathom.nn.zoo.LeNet}</td><td>LeNet-5</td><td>61,706</td></tr>
 * <tr><td>{@link dev.fathom.nn.zoo.Cnn}</td><td>the default of {@code fathom train}</td><td>421,866</td></tr>
 * <tr><td>{@link dev.fathom.nn.zoo.ResNet}</td><td>ResNet-8</td><td>77,754</td></tr>
 * <tr><td>{@link dev.fathom.nn.zoo.Cnn1d}</td><td>for sequences</td><td>12,202</td></tr>
 * </table>
 *
 * <p>{@link dev.fathom.nn.zoo.AlexNet} is made the same way: as published for images from 67 by 67,
 * and {@code AlexNet.small} for small ones; {@code ResNet.resNet18} and {@code ResNet.resNet50} for
 * images from 32 by 32, {@link dev.fathom.nn.zoo.ResNet9} for those from 8 by 8, and {@link
 * dev.fathom.nn.zoo.PlainNet}, which is a ResNet without its shortcuts; {@link
 * dev.fathom.nn.zoo.NfNet} is one without normalisation. {@link dev.fathom.nn.zoo.LinearResidual}
 * is the chain of linear blocks that can be understood with pencil and paper. Not for classes are
 * {@link dev.fathom.nn.zoo.Autoencoder} and {@link dev.fathom.nn.zoo.VariationalAutoencoder}, whose
 * target is their input, and {@link dev.fathom.nn.zoo.UNet}, which gives logits for every pixel.
 */
@NullMarked
package dev.fathom.nn.zoo;

import org.jspecify.annotations.NullMarked;
