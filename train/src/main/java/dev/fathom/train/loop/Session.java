package dev.fathom.train.loop;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.dataset.Batch;
import dev.fathom.data.dataset.Batches;
import dev.fathom.nn.layer.Layer;
import dev.fathom.optim.transform.Chain;
import dev.fathom.optim.transform.ScaleByFactor;
import dev.fathom.train.checkpoint.BatchPlan;
import dev.fathom.train.checkpoint.Best;
import dev.fathom.train.checkpoint.Checkpoint;
import dev.fathom.train.checkpoint.Copy;
import dev.fathom.train.checkpoint.Position;
import dev.fathom.train.checkpoint.State;
import dev.fathom.train.checkpoint.Sums;
import dev.fathom.train.error.NonFiniteLossException;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.history.Monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One run. All that it must remember is in the fields that make up a {@link Checkpoint}. */
final class Session<M extends Layer, S> implements Training {
    private final Trainer<M, S> trainer;
    private final Batches batches;
    private final Limit limit;
    private final Optional<Batches> validation;
    private final TrainStep<M, S> step;
    private final Evaluator<M> evaluator;
    private final Monitor monitor;
    private final boolean resumed;
    private final Diagnosis<M, S> diagnosis;

    private State<M, S> state;
    private long steps;
    private Position position;
    private Sums sums;
    private final List<EpochRecord> history;
    private Optional<Best<M>> best;

    private Optional<Checkpoint<M, S>> beforePart = Optional.empty();
    private Optional<String> stopped = Optional.empty();
    private Optional<String> objective = Optional.empty();
    private long startNanos;
    private double earlierSeconds;
    private int ended;

    Session(
            Trainer<M, S> trainer,
            Checkpoint<M, S> start,
            boolean resumed,
            Batches batches,
            Limit limit,
            Optional<Batches> validation) {
        this.trainer = trainer;
        this.batches = batches;
        this.limit = limit;
        this.validation = validation;
        this.resumed = resumed;
        this.step =
                new TrainStep<>(
                        trainer.loss(), trainer.optimizer(), trainer.metrics(), trainer.mixing());
        this.evaluator = Evaluator.of(trainer.loss(), trainer.metrics());
        this.monitor = trainer.monitor();
        this.state = start.state().copy();
        this.steps = start.step();
        this.position = start.position();
        this.sums = start.sums();
        this.history = new ArrayList<>(start.history());
        this.best = start.best();
        this.diagnosis = new Diagnosis<>(step, batches, state, position);
    }

    Fit<M> run() {
        tell(l -> l.fitStarted(this));
        while (!isOver()) {
            epochPart();
        }
        tell(l -> l.fitEnded(this));
        M last = state.model();
        return new Fit<>(
                last,
                best.map(Best::model).orElse(last),
                best.map(Best::epoch).orElse(0),
                history,
                steps,
                state.optimizer(),
                stopped);
    }

    private boolean isOver() {
        return stopped.isPresent()
                || switch (limit) {
                    case Limit.Epochs(int count) -> position.epoch() >= count;
                    case Limit.Steps(long count) -> steps >= count;
                };
    }

    /** The rest of the running epoch, as far as the run goes. */
    private void epochPart() {
        earlierSeconds = sums.seconds();
        startNanos = System.nanoTime();
        tell(l -> l.epochStarted(this));
        if (position.batch() < batches.count()) {
            for (var batch : batches.epoch(position.epoch(), position.batch())) {
                if (isOver()) {
                    break;
                }
                one(batch);
            }
        }
        if (position.batch() == batches.count()) {
            endEpoch();
        } else if (sums.examples() > 0) {
            endPart();
        }
    }

    private double seconds() {
        return earlierSeconds + (System.nanoTime() - startNanos) / 1e9;
    }

    private void one(Batch batch) {
        diagnosis.before(state, steps, position);
        var out = step.run(new TrainStep.Input<>(state, batch.features(), batch.labels()));
        state = out.state();
        steps++;
        double loss = out.loss().item();
        if (!Double.isFinite(loss)) {
            throw notFinite("the loss became " + loss + " at " + place(), steps);
        }
        sums =
                sums.plus(loss, out.totals().stream().map(Tensor::item).toList(), batch.size())
                        .withSeconds(seconds());
        position = new Position(position.epoch(), position.batch() + 1);
        var result =
                new BatchResult(
                        steps,
                        position.batch(),
                        batch.size(),
                        loss,
                        Evaluator.means(trainer.metrics(), sums),
                        sums.examples(),
                        sums.seconds());
        tell(l -> l.batchEnded(this, result));
    }

    private String place() {
        return "step "
                + steps
                + " (epoch "
                + epoch()
                + ", batch "
                + (position.batch() + 1)
                + " of "
                + batches.count()
                + ")";
    }

    private NonFiniteLossException notFinite(String what, long last) {
        var origin = diagnosis.search(last).map(o -> ". " + o).orElse("");
        return new NonFiniteLossException(
                last,
                what
                        + origin
                        + ". Try a learning rate ten times smaller, a warm-up, or clipped gradients"
                        + " (.clipped(1.0)); features should be of size 1 (Normalisation)");
    }

    private EpochRecord record() {
        var values =
                validation.map(v -> evaluator.evaluate(state.model(), v).values()).orElse(Map.of());
        var loss = values.get("loss");
        if (loss != null && !Double.isFinite(loss)) {
            throw notFinite("the validation loss became " + loss + " after step " + steps, steps);
        }
        return new EpochRecord(
                position.epoch() + 1,
                steps,
                sums.examples(),
                seconds(),
                Evaluator.means(trainer.metrics(), sums),
                values);
    }

    private void endEpoch() {
        var epoch = record();
        note(epoch);
        position = new Position(position.epoch() + 1, 0);
        sums = Sums.zero(trainer.metrics().size());
        ended = epoch.epoch();
        tell(l -> l.epochEnded(this, epoch));
        ended = 0;
    }

    /**
     * The run ends within an epoch: its numbers count for the result, but a resumed run makes them
     * anew.
     */
    private void endPart() {
        beforePart = Optional.of(checkpoint());
        var part = record();
        note(part);
        tell(l -> l.epochEnded(this, part));
    }

    private void note(EpochRecord epoch) {
        double value = monitor.of(epoch);
        var before = monitor.best(history);
        history.add(epoch);
        if (before.map(b -> monitor.isBetter(value, monitor.of(b))).orElse(!Double.isNaN(value))) {
            best = Optional.of(new Best<>(Copy.of(state.model()), epoch.epoch()));
        }
    }

    private void tell(Consumer<Listener> event) {
        trainer.listeners().forEach(event);
    }

    // ---- what listeners see --------------------------------------------------------------------

    @Override
    public int epoch() {
        return ended > 0 ? ended : position.epoch() + 1;
    }

    @Override
    public int epochs() {
        return limit.totalEpochs(batches.count());
    }

    @Override
    public int batches() {
        return batches.count();
    }

    @Override
    public long step() {
        return steps;
    }

    @Override
    public long steps() {
        return limit.totalSteps(batches.count());
    }

    @Override
    public int examples() {
        return batches.dropsLast() ? batches.count() * batches.batchSize() : batches.data().size();
    }

    @Override
    public List<EpochRecord> history() {
        return List.copyOf(history);
    }

    @Override
    public Monitor monitor() {
        return monitor;
    }

    @Override
    public boolean resumed() {
        return resumed;
    }

    @Override
    public Checkpoint<M, S> checkpoint() {
        return beforePart.orElseGet(() ->
                new Checkpoint<>(
                        state,
                        position,
                        sums,
                        history,
                        best,
                        BatchPlan.of(batches),
                        Optional.of(objective())));
    }

    private String objective() {
        if (objective.isEmpty()) {
            objective = Optional.of(trainer.objective(batches));
        }
        return objective.get();
    }

    @Override
    public void scaleLearningRate(double factor) {
        state =
                new State<>(
                        state.model(),
                        scaled(state.optimizer(), factor),
                        state.key(),
                        state.step());
    }

    @SuppressWarnings("unchecked") // the state of a chain is replaced by one of the same parts
    private static <S> S scaled(S optimizer, double factor) {
        boolean adjustable =
                Tree.named(optimizer).keySet().stream().anyMatch(p -> p.endsWith("factor"));
        if (adjustable && optimizer instanceof Chain.State chain) {
            return (S) ScaleByFactor.with(chain, factor);
        }
        throw new SettingException(
                "the optimizer's learning rate cannot be changed while it runs. Make it adjustable:"
                        + " Sgd.of(0.1).adjustable()");
    }

    @Override
    public void stop(String reason) {
        if (stopped.isEmpty()) {
            stopped = Optional.of(reason);
        }
    }
}
