package dev.fathom.bench.workload;

import dev.fathom.bench.measure.Steps;
import dev.fathom.bench.measure.Unit;
import dev.fathom.bench.workload.Training.Batch;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.augment.Augmentation;
import dev.fathom.data.dataset.Batches;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.dataset.Normalisation;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Bytes of images to batches: shuffled, cut out of a frame of four zeros, flipped, normalised to
 * float32, on one thread.
 */
record Images(String name, int count) implements Workload {
    private static final int SIDE = 32;
    private static final int CHANNELS = 3;
    private static final int BATCH = 128;

    @Override
    public String title() {
        return count + " images 32×32×3 in bytes: shuffle, crop, flip, normalise, batch 128";
    }

    @Override
    public double flop() {
        return 0;
    }

    @Override
    public Unit unit() {
        return Unit.rate("images/s", BATCH);
    }

    /** Every side makes them up from that seed: they need not be the same ones. */
    @Override
    public Map<String, Tensor> problem() {
        return Map.of("seed", Tensor.scalar(1), "count", Tensor.scalar(count));
    }

    /** The value is the spread of uniform bytes, with some frame, which random crops vary. */
    @Override
    public double tolerance() {
        return 2e-2;
    }

    @Override
    public Workload small() {
        return new Images("data-small", 10_000);
    }

    private Batches batches() {
        var pixels = new byte[count * SIDE * SIDE * CHANNELS];
        var labels = new int[count];
        new SplittableRandom(1).nextBytes(pixels);
        for (int i = 0; i < count; i++) {
            labels[i] = i % 10;
        }
        var half = List.of(0.5f, 0.5f, 0.5f);
        var quarter = List.of(0.25f, 0.25f, 0.25f);
        return Dataset.ofBytes(pixels, 255, Shape.of(SIDE, SIDE, CHANNELS), labels)
                .normalisedBy(new Normalisation(half, quarter))
                .batches(BATCH)
                .shuffled(1)
                .dropLast()
                .augmented(Augmentation.crop(4).then(Augmentation.flip()));
    }

    /** Batches without end. */
    private static final class Endless {
        private final Batches batches;
        private Iterator<dev.fathom.data.dataset.Batch> epoch;
        private int number;

        Endless(Batches batches) {
            this.batches = batches;
            epoch = batches.epoch(0).iterator();
        }

        dev.fathom.data.dataset.Batch next() {
            if (!epoch.hasNext()) {
                epoch = batches.epoch(++number).iterator();
            }
            return epoch.next();
        }
    }

    @Override
    public Steps steps(Map<String, Tensor> problem) {
        var endless = new Endless(batches());
        return new Steps() {
            private Tensor last = Tensor.zeros(1);

            @Override
            public void step(long i) {
                last = endless.next().features();
            }

            @Override
            public double value() {
                return last.square().mean().sqrt().item();
            }
        };
    }

    /** Training on these images, which a second thread prepares meanwhile. */
    record Fed(String name, Training of, Images images) implements OneProgram {
        @Override
        public String title() {
            return of.title() + ", images from the loader; ratio: to the same without";
        }

        @Override
        public double flop() {
            return of.flop();
        }

        @Override
        public Unit unit() {
            return of.unit();
        }

        @Override
        public Map<String, Tensor> problem() {
            return of.problem();
        }

        @Override
        public Optional<String> against() {
            return Optional.of(of.name());
        }

        /** Other images, other losses. */
        @Override
        public double tolerance() {
            return Double.POSITIVE_INFINITY;
        }

        @Override
        public Compiled steps(Map<String, Tensor> problem) {
            var endless = new Endless(images.batches().prefetch(2));
            return of.steps(
                    problem,
                    _ -> {
                        var b = endless.next();
                        return new Batch(b.features(), b.labels());
                    });
        }
    }
}
