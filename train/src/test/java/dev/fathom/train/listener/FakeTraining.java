package dev.fathom.train.listener;

import dev.fathom.train.checkpoint.Checkpoint;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.history.Monitor;
import dev.fathom.train.loop.Training;

import java.util.ArrayList;
import java.util.List;

/** A run that a test makes up. */
final class FakeTraining implements Training {
    final List<EpochRecord> history = new ArrayList<>();
    final List<String> stopped = new ArrayList<>();
    int epoch = 1;
    long step;
    double factor = 1;

    @Override
    public int epoch() {
        return epoch;
    }

    @Override
    public int epochs() {
        return 10;
    }

    @Override
    public int batches() {
        return 4;
    }

    @Override
    public long step() {
        return step;
    }

    @Override
    public long steps() {
        return 40;
    }

    @Override
    public int examples() {
        return 200;
    }

    @Override
    public List<EpochRecord> history() {
        return history;
    }

    @Override
    public Monitor monitor() {
        return Monitor.loss();
    }

    @Override
    public boolean resumed() {
        return false;
    }

    @Override
    public Checkpoint<?, ?> checkpoint() {
        throw new AssertionError("not asked for in these tests");
    }

    @Override
    public void scaleLearningRate(double factor) {
        this.factor = factor;
    }

    @Override
    public void stop(String reason) {
        stopped.add(reason);
    }
}
