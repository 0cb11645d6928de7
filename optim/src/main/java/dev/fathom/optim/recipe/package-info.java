/**
 * The optimizers by name. Each is a record of its numbers, with the usual values in its factory
 * {@code of} and nowhere else, and a {@link dev.fathom.optim.recipe.Recipe}: a chain of the pieces
 * in {@link dev.fathom.optim.transform}, which {@code transform()} shows.
 *
 * <pre>{@code
 * Adam.of(1e-3)
 * AdamW.of(Schedule.cosine(1e-3, 10_000).afterWarmUp(500)).withWeightDecay(0.05)
 * Momentum.of(0.1).clipped(1.0)
 * }</pre>
 *
 * <table>
 *   <caption>Which one?</caption>
 *   <tr><th>take</th><th>for</th></tr>
 *   <tr><td>{@code AdamW}</td><td>almost anything, to begin with</td></tr>
 *   <tr><td>{@code Momentum}, {@code Nesterov}</td><td>convolutional networks with a tuned schedule</td></tr>
 *   <tr><td>{@code Lion}</td><td>half the memory of Adam; a rate 3 to 10 times smaller</td></tr>
 *   <tr><td>{@code Adafactor}</td><td>matrices too large for a second copy</td></tr>
 *   <tr><td>{@code Lamb}</td><td>batches of thousands</td></tr>
 *   <tr><td>{@code Muon}</td><td>hidden matrices of transformers</td></tr>
 *   <tr><td>{@code AdaGrad}, {@code RmsProp}, {@code AdaDelta}, {@code AdaMax}, {@code Nadam}, {@code AmsGrad}</td>
 *       <td>comparison with what the papers did</td></tr>
 *   <tr><td>{@code AdamAsPrinted}, {@code MomentumAsPrinted}</td><td>lectures</td></tr>
 * </table>
 *
 * <p>Around any of them: {@link dev.fathom.optim.recipe.Lookahead}, {@link
 * dev.fathom.optim.transform.Accumulate}, {@link dev.fathom.optim.transform.SkipNonFinite}; for
 * some leaves only: {@link dev.fathom.optim.transform.Grouped}.
 */
@NullMarked
package dev.fathom.optim.recipe;

import org.jspecify.annotations.NullMarked;
