package dev.fathom.train.listener;

import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Training;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Ends a run by a rule on its history: the other things that "early stopping" means besides {@link
 * EarlyStopping}'s patience. A budget of steps is {@link dev.fathom.train.loop.Limit#steps}; a
 * small gradient is {@link GradientNorm}. The best model is {@link dev.fathom.train.loop.Fit#best}.
 *
 * <p>GL, PQ and UP are the three classes of criteria of L. Prechelt, "Early stopping – but when?",
 * 1998, section 2.1, with E_va the validation loss and E_opt(t) its smallest value up to epoch t. A
 * strip is k epochs; they are only asked at the end of one. As in the paper GL is in per cent and
 * PQ's P_k in per mille, and losses must be positive.
 *
 * @param rule why to stop, if so
 */
public record StopWhen(Rule rule) implements Listener {
    /** A pure function of the epochs so far, at least one, so that a resumed run obeys it too. */
    @FunctionalInterface
    public interface Rule {
        /** Why to stop after the last of these epochs, if so. */
        Optional<String> reason(List<EpochRecord> history);
    }

    /** GL_α: when GL(t) = 100 (E_va(t) / E_opt(t) − 1) exceeds α; the paper tries 1 to 5. */
    public static StopWhen generalisationLoss(double alpha) {
        positive("generalisationLoss", "alpha", alpha);
        return new StopWhen(history -> {
            double gl = generalisationLoss(history);
            return gl > alpha
                    ? why("the generalisation loss %.4g exceeds %.4g", gl, alpha)
                    : Optional.empty();
        });
    }

    /**
     * PQ_α: at the end of a strip, when GL(t) / P_k(t) exceeds α, with the progress of training
     * P_k(t) = 1000 (Σ E_tr / (k min E_tr) − 1) over the strip; the paper tries 0.5 to 3 with k =
     * 5. Without any progress GL alone decides: it stops if that is positive.
     */
    public static StopWhen progressQuotient(double alpha, int k) {
        positive("progressQuotient", "alpha", alpha);
        positive("progressQuotient", "k", k);
        return new StopWhen(history -> {
            if (history.size() % k != 0) {
                return Optional.empty();
            }
            var strip =
                    history.subList(history.size() - k, history.size()).stream()
                            .mapToDouble(StopWhen::train)
                            .summaryStatistics();
            double progress = 1000 * (strip.getAverage() / strip.getMin() - 1);
            double gl = generalisationLoss(history);
            return gl > alpha * progress
                    ? why(
                            "the generalisation loss %.4g exceeds %.4g times the progress"
                                    + " of training %.4g",
                            gl, alpha, progress)
                    : Optional.empty();
        });
    }

    /** UP_s: when the validation loss has risen over each of the last s strips of k epochs. */
    public static StopWhen risen(int s, int k) {
        positive("risen", "s", s);
        positive("risen", "k", k);
        return new StopWhen(history -> {
            int t = history.size();
            boolean all =
                    t % k == 0
                            && t >= (s + 1) * k
                            && IntStream.range(0, s)
                                    .allMatch(i ->
                                            validation(history.get(t - 1 - i * k))
                                                    > validation(history.get(t - 1 - (i + 1) * k)));
            return all
                    ? why(
                            "the validation loss rose over %s of %s",
                            count(s, "strip"), count(k, "epoch"))
                    : Optional.empty();
        });
    }

    /** When the training loss is at most this: fitted well enough. */
    public static StopWhen trainingLossBelow(double loss) {
        return new StopWhen(history ->
                train(history.getLast()) <= loss
                        ? why(
                                "the training loss %.4g is at most %.4g",
                                train(history.getLast()), loss)
                        : Optional.empty());
    }

    /**
     * When the training loss got better by less than {@code tolerance} in each of the last {@code
     * epochs} epochs, compared with the best before: the {@code tol} of optimisation, which leaves
     * an optimisation error of about that size.
     */
    public static StopWhen converged(double tolerance, int epochs) {
        positive("converged", "tolerance", tolerance);
        positive("converged", "epochs", epochs);
        return new StopWhen(history -> {
            double best = Double.POSITIVE_INFINITY;
            int since = 0;
            for (var epoch : history) {
                since = train(epoch) <= best - tolerance ? 0 : since + 1;
                best = Math.min(best, train(epoch));
            }
            return since >= epochs
                    ? why(
                            "the training loss improved by less than %.4g in %s",
                            tolerance, count(since, "epoch"))
                    : Optional.empty();
        });
    }

    private static String count(int n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }

    private static Optional<String> why(String text, Object... numbers) {
        return Optional.of(String.format(Locale.ROOT, text, numbers));
    }

    private static double generalisationLoss(List<EpochRecord> history) {
        double best = history.stream().mapToDouble(StopWhen::validation).min().orElseThrow();
        return 100 * (validation(history.getLast()) / best - 1);
    }

    private static double train(EpochRecord epoch) {
        return epoch.train().getOrDefault("loss", Double.NaN);
    }

    private static double validation(EpochRecord epoch) {
        var loss = epoch.validation().get("loss");
        if (loss == null) {
            throw new SettingException(
                    "this rule looks at the validation loss, and the run has no validation data;"
                            + " give fit a validation set");
        }
        return loss;
    }

    private static void positive(String rule, String name, double value) {
        if (!(value > 0)) {
            throw new SettingException(
                    rule + ": " + name + " is " + value + "; it must be positive");
        }
    }

    @Override
    public void fitStarted(Training training) {
        check(training);
    }

    @Override
    public void epochEnded(Training training, EpochRecord epoch) {
        check(training);
    }

    private void check(Training training) {
        if (!training.history().isEmpty()) {
            rule.reason(training.history()).ifPresent(training::stop);
        }
    }
}
