package dev.fathom.lab.studies.optimisation;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.lab.study.Expectation.atMost;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.core.math.Shaping;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.figure.Plot.Scale;
import dev.fathom.lab.studies.support.Images;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;
import dev.fathom.nn.loss.Losses;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** L12: examples that say the same twice cost gradient descent twice the time, and SGD nothing. */
public final class RedundantData implements Study {
    private static final int BATCH = 32;
    private static final int LOOK = 10; // steps between two looks at the loss
    private static final int MOST_STEPS = 5000;
    private static final double GOAL = 0.7;
    private static final double RATE = 0.02;

    @Override
    public Card card(Tier tier) {
        return Card.of("L12", "redundant-data", Oracle.EXACT)
                .claim(
                        "Every example doubled: gradient descent needs twice the work for the same"
                                + " loss, stochastic gradient descent the same as before.")
                .text("003, why stochastic gradients")
                .paper(
                        "L. Bottou, Stochastic gradient learning in neural networks, 1991; L."
                                + " Bottou, O. Bousquet, The tradeoffs of large scale learning,"
                                + " NeurIPS 2007")
                .story(
                        "The mean over a set that holds every example twice is the mean over the"
                            + " set: the full gradient is the same to the last digits, and costs"
                            + " twice as much. A random small batch does not notice either, and"
                            + " costs what it did. Work is counted in examples looked at, so the"
                            + " numbers do not depend on the machine.")
                .notation(
                        """
                        S      n images of clothing; 2S holds each of them twice
                        work   examples whose gradient was taken until the loss on S is below 0.7
                        ratio  work on 2S over work on S\
                        """)
                .data("Fashion-MNIST, the part that ships: the first 500 (smoke) or 2000 images")
                .seeds(tier.pick(1, 5, 20))
                .cost(tier.pick(4.0, 30.0, 120.0), 2e8, 1e11)
                .predict("relative difference of the full gradients", atMost(1e-12))
                .predict("gradient descent, ratio of work", near(2).within(0.2))
                .predict("SGD, ratio of work", near(1).within(0.1))
                .positive("SGD on the same set with the same order, ratio", near(1).within(1e-12))
                .sabotage(
                        "gradient descent, ratio if steps are counted instead of examples",
                        near(2).within(0.2));
    }

    @Override
    public void run(Trial trial) {
        var once = images(trial.tier());
        var twice = twice(once);
        Tensor somewhere =
                trial.init().normal(DType.FLOAT64, Images.PIXELS, Images.CLASSES).times(0.01);
        Tensor a = gradient(somewhere, once);
        Tensor b = gradient(somewhere, twice);
        double difference = a.minus(b).square().sum().item() / a.square().sum().item();
        trial.measure("relative difference of the full gradients", Math.sqrt(difference));

        var full = descend(once, _ -> once, once.size());
        var fullTwice = descend(once, _ -> twice, twice.size());
        trial.measure("gradient descent, ratio of work", fullTwice.work() / full.work());
        show(trial, "gradient descent on S", full);
        show(trial, "gradient descent on 2S", fullTwice);
        trial.progress(1, 2);

        // several orders: where one noisy run crosses the goal is a matter of luck
        int orders = trial.tier().pick(6, 6, 10);
        double work = 0;
        double workTwice = 0;
        for (int i = 0; i < orders; i++) {
            var key = trial.order().fold(i);
            var small = descend(once, batches(once, key.fold(0)), BATCH);
            var smallTwice = descend(once, batches(twice, key.fold(1)), BATCH);
            work += small.work();
            workTwice += smallTwice.work();
            if (i == 0) {
                show(trial, "SGD on S", small);
                show(trial, "SGD on 2S", smallTwice);
            }
        }
        trial.measure("SGD, ratio of work", workTwice / work);
    }

    @Override
    public void controls(Trial trial) {
        var once = images(trial.tier());
        var twice = twice(once);
        var first = descend(once, batches(once, trial.order()), BATCH);
        var again = descend(once, batches(once, trial.order()), BATCH);
        trial.measure(
                "SGD on the same set with the same order, ratio", again.work() / first.work());
        var full = descend(once, _ -> once, once.size());
        var fullTwice = descend(once, _ -> twice, twice.size());
        trial.measure(
                "gradient descent, ratio if steps are counted instead of examples",
                (double) fullTwice.losses().size() / full.losses().size());
    }

    private static Images images(Tier tier) {
        return Images.train(tier.pick(500, 2000, 2000)).cast(DType.FLOAT64);
    }

    /** Every image again after the last. */
    private static Images twice(Images s) {
        return new Images(
                Shaping.concatenate(0, s.x(), s.x()), Shaping.concatenate(0, s.y(), s.y()));
    }

    /** Places drawn anew at every step, with replacement. */
    private static IntFunction<Images> batches(Images all, Key key) {
        return step -> all.rows(key.fold(step).integers(all.size(), BATCH));
    }

    /** Of softmax regression with weights w, (784, 10). */
    private static Tensor loss(Tensor w, Images on) {
        return Losses.crossEntropy(on.x().matmul(w), on.y());
    }

    private static Tensor gradient(Tensor w, Images on) {
        return grad((Tensor v) -> loss(v, on)).apply(w);
    }

    private record Place(Tensor w, Images on) {}

    /** The loss on S at every look, and the examples looked at until the last. */
    private record Descent(List<Double> losses, int examplesPerLook) {
        double work() {
            return (double) losses.size() * examplesPerLook;
        }
    }

    private static Descent descend(Images judge, IntFunction<Images> batch, int size) {
        var step = jit((Place p) -> p.w.minus(gradient(p.w, p.on).times(RATE)));
        var look = jit((Place p) -> loss(p.w, p.on));
        Tensor w = Tensor.full(DType.FLOAT64, 0, Images.PIXELS, Images.CLASSES);
        var losses = new ArrayList<Double>();
        for (int i = 1; i <= MOST_STEPS; i++) {
            w = step.apply(new Place(w, batch.apply(i)));
            if (i % LOOK == 0) {
                losses.add(look.apply(new Place(w, judge)).item());
                if (losses.getLast() < GOAL) {
                    return new Descent(losses, size * LOOK);
                }
            }
        }
        throw new StudyException("the loss is not below " + GOAL + " after " + MOST_STEPS);
    }

    private static void show(Trial trial, String name, Descent descent) {
        for (int i = 0; i < descent.losses().size(); i++) {
            trial.point(name, (i + 1.0) * descent.examplesPerLook(), descent.losses().get(i));
        }
    }

    @Override
    public List<Figure> figures(Results results) {
        return List.of(
                Plot.of("work", "Doubled examples cost gradient descent, not SGD")
                        .x("examples looked at", Scale.LOG)
                        .y("loss on S", Scale.LINEAR)
                        .line("SGD on S", results.curve("SGD on S"))
                        .line("SGD on 2S", results.curve("SGD on 2S"))
                        .line("gradient descent on S", results.curve("gradient descent on S"))
                        .line("gradient descent on 2S", results.curve("gradient descent on 2S"))
                        .horizontal("goal", GOAL)
                        .caption(
                                "Work until the goal: twice for gradient descent, the same for"
                                        + " SGD."));
    }
}
