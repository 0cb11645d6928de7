package dev.fathom.examples;

import dev.fathom.core.random.Key;
import dev.fathom.data.catalogue.Series;
import dev.fathom.data.series.Forecast;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.Mlp;
import dev.fathom.optim.recipe.AdamW;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.train.loop.Limit;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.metric.Metrics;

/**
 * The births of the next week from those of the four weeks before, and the forecast that any other
 * has to beat: each day as a week ago.
 *
 * <p>Run: {@code ./fathom example Forecasting}. 10 epochs, a few seconds.
 */
public final class Forecasting {
    private static final int WINDOW = 28;
    private static final int HORIZON = 7;
    private static final int BATCH = 64;

    private Forecasting() {}

    /** Root mean squared errors on the last fifth of the days, in births. */
    record Errors(double asYesterday, double asAWeekAgo, double network) {}

    static Errors train(int epochs, long seed) {
        var data = Forecast.of(Series.load("us-births"), WINDOW, HORIZON, 0.2);
        int steps = epochs * Math.ceilDiv(data.train().size(), BATCH);
        var fit =
                Trainer.of(
                                Mlp.of(data.train().featureShape(), HORIZON, Key.of(seed)),
                                Losses.mse(),
                                AdamW.of(Schedule.cosine(1e-3, steps)))
                        .metrics(Metrics.rmse())
                        .seed(seed)
                        .fit(
                                data.train().batches(BATCH).shuffled(seed),
                                Limit.epochs(epochs),
                                data.test());
        double rmse = fit.history().getLast().validation().get("rmse"); // the last, not the best
        return new Errors(data.naiveError(1), data.naiveError(HORIZON), rmse * data.deviation());
    }

    /** Prints the errors. */
    public static void main(String[] arguments) {
        var errors = train(10, 1);
        System.out.printf("as yesterday   %6.0f births%n", errors.asYesterday());
        System.out.printf("as a week ago  %6.0f births%n", errors.asAWeekAgo());
        System.out.printf("network        %6.0f births%n", errors.network());
    }
}
