/**
 * Texts as numbers and back.
 *
 * <p>A {@link dev.fathom.data.text.Tokenizer} cuts a text into tokens and numbers them: one per
 * character, per byte of its UTF-8 form, or per piece that byte-pair encoding found to be frequent.
 * Decoding what was encoded gives the same text again. A tokenizer belongs to the model that was
 * trained with it: {@code tokenizer.saved()} is a string for the model's metadata, and {@code
 * Tokenizer.of} makes the same tokenizer of it.
 *
 * <p>{@link dev.fathom.data.text.TextDataset} makes windows of a text, to learn what comes next.
 *
 * <pre>{@code
 * var text = Texts.load("moby-dick");
 * var data = TextDataset.of(text, CharTokenizer.of(text), 64);
 * for (var batch : data.train().batches(32).shuffled(42).epoch(0)) {
 *     step(batch.features(), batch.labels());        // int32 (32, 64) and (32, 64)
 * }
 * }</pre>
 */
@NullMarked
package dev.fathom.data.text;

import org.jspecify.annotations.NullMarked;
