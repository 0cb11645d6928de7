/**
 * Tasks that need no labels, to learn features that others can use: {@link
 * dev.fathom.nn.pretext.RotationPrediction}, {@link dev.fathom.nn.pretext.MaskedAutoencoder} and
 * {@link dev.fathom.nn.pretext.SimClr}. Each is a record around an encoder with a loss of images
 * alone, which {@code LossModel} trains:
 *
 * <pre>{@code
 * var pretext = RotationPrediction.of(encoder, 64, key);          // encoder: (n, h, w, c) to (n, 64)
 * var model = LossModel.of(pretext, RotationPrediction::loss);
 * var learned = Trainer.of(model, LossModel.loss(), Adam.of(1e-3))
 *         .fit(images.batches(64).shuffled(1), epochs(5)).model().model().encoder();
 * }</pre>
 *
 * <p>From there on, two ways. A linear probe leaves the encoder as it is and looks at what it
 * gives:
 *
 * <pre>{@code
 * var features = Dataset.of(Predictor.of(learned).outputs(few), few.all().labels());
 * var probe = Trainer.of(Linear.of(features.featureShape(), 10, key), Losses.crossEntropy(), ..);
 * }</pre>
 *
 * <p>Fine-tuning goes on with the encoder as the first part of a classifier; {@code
 * freezing("layers[0].**")} of an optimizer's recipe holds parts of it still:
 *
 * <pre>{@code
 * var model = Sequential.of(learned, Dense.of(64, 10, key));
 * var fit = Trainer.of(model, Losses.crossEntropy(), AdamW.of(1e-3).freezing("layers[0].**"));
 * }</pre>
 */
@NullMarked
package dev.fathom.nn.pretext;

import org.jspecify.annotations.NullMarked;
