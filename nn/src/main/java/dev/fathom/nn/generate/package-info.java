/**
 * Text out of models: what a model of sequences offers ({@link
 * dev.fathom.nn.generate.LanguageModel}), how the next token is drawn from its logits ({@link
 * dev.fathom.nn.generate.Sampler}), and the loop that does both ({@link
 * dev.fathom.nn.generate.Generation}).
 */
@NullMarked
package dev.fathom.nn.generate;

import org.jspecify.annotations.NullMarked;
