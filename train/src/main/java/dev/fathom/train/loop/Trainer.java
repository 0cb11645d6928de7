package dev.fathom.train.loop;

import dev.fathom.core.random.Key;
import dev.fathom.data.dataset.Batches;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.loss.Loss;
import dev.fathom.optim.Descent;
import dev.fathom.train.checkpoint.BatchPlan;
import dev.fathom.train.checkpoint.Checkpoint;
import dev.fathom.train.checkpoint.Checkpoints;
import dev.fathom.train.checkpoint.Position;
import dev.fathom.train.checkpoint.State;
import dev.fathom.train.checkpoint.Sums;
import dev.fathom.train.error.CheckpointException;
import dev.fathom.train.error.NonFiniteLossException;
import dev.fathom.train.history.Monitor;
import dev.fathom.train.metric.Metric;
import dev.fathom.train.mixing.Mixing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How to train a model; an immutable value. {@link #fit} does it, as often as it is called, with
 * the same result.
 *
 * <p>A step draws a batch, runs the model with {@code Pass.training(key.fold(step))}, and updates
 * parameters and running statistics. An epoch is one walk through the batches, then validation over
 * the whole set.
 *
 * @param model to begin with; it is copied and stays as it is
 * @param loss what is made small: the mean over a batch
 * @param optimizer how; any {@link dev.fathom.optim.Optimizer}, and those that look at the loss
 *     more than once in a step
 * @param metrics what else is measured, in training and validation
 * @param listeners who is told, in this order
 * @param key all randomness of the run besides the order of the batches
 * @param monitor the number that decides which epoch was best
 * @param checkpoints where to go on from, if not from the beginning
 * @param mixing how the examples of a batch are mixed in training, if they are
 */
public record Trainer<M extends Layer, S>(
        M model,
        Loss loss,
        Descent<S> optimizer,
        List<Metric> metrics,
        List<Listener> listeners,
        Key key,
        Monitor monitor,
        Optional<Checkpoints> checkpoints,
        Optional<Mixing> mixing) {
    /** Copies the lists and checks the names of the metrics. */
    public Trainer {
        metrics = List.copyOf(metrics);
        listeners = List.copyOf(listeners);
        Evaluator.checkNames(metrics);
    }

    /** Without metrics and listeners, seed 0; the best epoch is that of the smallest loss. */
    public static <M extends Layer, S> Trainer<M, S> of(M model, Loss loss, Descent<S> optimizer) {
        return new Trainer<>(
                model,
                loss,
                optimizer,
                List.of(),
                List.of(),
                Key.of(0),
                Monitor.loss(),
                Optional.empty(),
                Optional.empty());
    }

    /** With another model to begin with. */
    public Trainer<M, S> model(M model) {
        return new Trainer<>(
                model, loss, optimizer, metrics, listeners, key, monitor, checkpoints, mixing);
    }

    /** With these metrics; the first one now decides which epoch was best. */
    public Trainer<M, S> metrics(Metric... measured) {
        var list = List.of(measured);
        var first = list.isEmpty() ? Monitor.loss() : monitor(list.getFirst());
        return new Trainer<>(
                model, loss, optimizer, list, listeners, key, first, checkpoints, mixing);
    }

    private static Monitor monitor(Metric metric) {
        return new Monitor(metric.name(), metric.higherIsBetter(), 0);
    }

    /** With these listeners besides those there are. */
    public Trainer<M, S> listeners(Listener... more) {
        var all = new ArrayList<>(listeners);
        all.addAll(List.of(more));
        return new Trainer<>(
                model, loss, optimizer, metrics, all, key, monitor, checkpoints, mixing);
    }

    /** With the randomness of a seed. */
    public Trainer<M, S> seed(long seed) {
        return key(Key.of(seed));
    }

    /** With the randomness of a key. */
    public Trainer<M, S> key(Key key) {
        return new Trainer<>(
                model, loss, optimizer, metrics, listeners, key, monitor, checkpoints, mixing);
    }

    /** With another number to decide which epoch was best. */
    public Trainer<M, S> monitor(Monitor monitor) {
        return new Trainer<>(
                model, loss, optimizer, metrics, listeners, key, monitor, checkpoints, mixing);
    }

    /**
     * Going on from the newest checkpoint, in the middle of an epoch if it was made there, to the
     * same bits as a run that was never interrupted. Model, loss, optimizer, metrics, mixing and
     * batches must be those of that run; the numbers of {@code model} and {@code key} are taken
     * from the file.
     */
    public Trainer<M, S> resume(Checkpoints checkpoints) {
        return new Trainer<>(
                model,
                loss,
                optimizer,
                metrics,
                listeners,
                key,
                monitor,
                Optional.of(checkpoints),
                mixing);
    }

    /**
     * With the examples of each training batch mixed, such as {@code MixUp.of(0.2)}. Loss and
     * metrics of the training are those of mixed examples: each counts for both labels by their
     * shares. Validation is as it was.
     */
    public Trainer<M, S> mixing(Mixing how) {
        return new Trainer<>(
                model,
                loss,
                optimizer,
                metrics,
                listeners,
                key,
                monitor,
                checkpoints,
                Optional.of(how));
    }

    /** {@link #resume(Checkpoints)} of the checkpoints in {@code folder}. */
    public Trainer<M, S> resume(Path folder) {
        return resume(Checkpoints.in(folder));
    }

    /** Trains without validation; the training numbers decide which epoch was best. */
    public Fit<M> fit(Batches train, Limit limit) {
        return fit(train, limit, Optional.empty());
    }

    /** Trains, with validation on all of {@code validation} after every epoch. */
    public Fit<M> fit(Batches train, Limit limit, Dataset validation) {
        return fit(train, limit, Optional.of(Evaluator.batches(validation)));
    }

    /** Trains, with validation on these batches after every epoch. */
    public Fit<M> fit(Batches train, Limit limit, Batches validation) {
        return fit(train, limit, Optional.of(validation));
    }

    /**
     * Trains until the limit or until a listener stops the run.
     *
     * @throws NonFiniteLossException if the loss is no finite number any more
     * @throws CheckpointException if the run was to be resumed and cannot be
     */
    public Fit<M> fit(Batches train, Limit limit, Optional<Batches> validation) {
        return new Session<>(this, start(train), checkpoints.isPresent(), train, limit, validation)
                .run();
    }

    private Checkpoint<M, S> start(Batches train) {
        var initial = State.initial(model, optimizer.init(model), key);
        var plan = BatchPlan.of(train);
        if (checkpoints.isEmpty()) {
            return new Checkpoint<>(
                    initial,
                    new Position(0, 0),
                    Sums.zero(metrics.size()),
                    List.of(),
                    Optional.empty(),
                    plan,
                    Optional.empty());
        }
        var found = checkpoints.get().latest(initial);
        var folder = checkpoints.get().folder();
        if (!found.plan().equals(plan)) {
            throw new CheckpointException(
                    "the run in "
                            + folder
                            + " walked through "
                            + found.plan()
                            + "; it cannot go on with "
                            + plan
                            + ". Give the same batches, or begin a new run from its model");
        }
        if (found.sums().metrics().size() != metrics.size()) {
            throw new CheckpointException(
                    "the run in "
                            + folder
                            + " had "
                            + found.sums().metrics().size()
                            + " metrics, this one has "
                            + metrics.size()
                            + "; give the same");
        }
        if (found.objective().isPresent() && !found.objective().get().equals(objective(train))) {
            throw new CheckpointException(
                    "the run in "
                            + folder
                            + " was trained with another loss, or its examples were mixed in"
                            + " another way (MixUp, CutMix), than in this one; give the same, or"
                            + " begin a new run from its model");
        }
        return found;
    }

    /** By what the loss and the mixing are known again. */
    String objective(Batches train) {
        return Fingerprint.of(model, loss, mixing, train.batch(0, 0), key);
    }
}
