/**
 * What a study is: a claim, a prediction with its tolerance, an experiment, a verdict.
 *
 * <p>A {@link dev.fathom.lab.study.Study} has four parts, each a method. Its {@link
 * dev.fathom.lab.study.Card} is fixed before anything runs. Its experiment measures with one seed,
 * on a {@link dev.fathom.lab.study.Trial} that gives random streams and takes numbers. Its controls
 * show that the study can tell right from wrong: one must hold, and one, deliberately broken, must
 * fail. Its figures are drawn from the {@link dev.fathom.lab.study.Results} of all seeds. {@link
 * dev.fathom.lab.study.Judgement} then compares what was registered with what was measured; no
 * study judges itself.
 *
 * <pre>{@code
 * public final class CoinTosses implements Study {
 *     public Card card(Tier tier) {
 *         return Card.of("X01", "coin-tosses", Oracle.EXACT)
 *                 .claim("A fair coin shows heads half of the time.")
 *                 .text("none").data("Bernoulli(½)").story("...")
 *                 .seeds(tier.pick(1, 3, 5)).cost(0.1, 1e6, 1e6)
 *                 .predict("heads", near(0.5).withinErrors(4))
 *                 .positive("a coin of two heads", near(1))
 *                 .sabotage("a bent coin, p = 0.6", near(0.5).withinErrors(4));
 *     }
 *
 *     public void run(Trial trial) {
 *         trial.measure("heads", tosses(trial, 0.5));
 *     }
 *
 *     public void controls(Trial trial) {
 *         trial.measure("a coin of two heads", tosses(trial, 1));
 *         trial.measure("a bent coin, p = 0.6", tosses(trial, 0.6));
 *     }
 *
 *     private static Estimate tosses(Trial trial, double p) {
 *         return Estimate.of(trial.data().bernoulli(p, 10_000).cast(FLOAT64).toDoubles());
 *     }
 * }
 * }</pre>
 */
@NullMarked
package dev.fathom.lab.study;

import org.jspecify.annotations.NullMarked;
