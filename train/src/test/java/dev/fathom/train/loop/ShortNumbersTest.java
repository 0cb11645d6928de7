package dev.fathom.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.data.catalogue.TrainTest;
import dev.fathom.io.safetensors.TreeFiles;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Flatten;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Policy;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.StoredState;
import dev.fathom.testkit.check.TreeAssert;
import dev.fathom.train.listener.CheckpointListener;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What numbers of 16 bits cost on the 8 × 8 digits, and what they save. */
class ShortNumbersTest {
    private static final Policy HALF = Policy.keeping(DType.BFLOAT16);

    private static final TrainTest DIGITS = Datasets.load("digits").normalised();

    @TempDir private Path folder;

    private static Sequential net() {
        var keys = Key.of(1).split(2);
        return Sequential.of(
                Flatten.of(),
                Dense.of(64, 64, keys[0]),
                Activation.RELU,
                Dense.of(64, 10, keys[1]));
    }

    private static <M extends Layer, S> Trainer<M, S> trainer(M model, Optimizer<S> optimizer) {
        return Trainer.of(model, Losses.crossEntropy(), optimizer);
    }

    private static <M extends Layer, S> Fit<M> fit(Trainer<M, S> trainer, int epochs) {
        return trainer.fit(DIGITS.train().batches(64).shuffled(1), Limit.epochs(epochs));
    }

    private static double accuracy(Layer model) {
        var test = DIGITS.test().all();
        Tensor found = model.apply(test.features(), Pass.eval()).argMax(-1);
        return found.equalTo(test.labels()).cast(DType.FLOAT32).mean().item();
    }

    private static long bytes(Object tree) {
        return Tree.leaves(tree).stream().mapToLong(t -> t.type().bytes()).sum();
    }

    /**
     * Half the memory, half the file, and the same answers: of 360 test digits at most one differs.
     */
    @Test
    void aTrainedNetworkKeptInHalfTheMemory() throws IOException {
        var trained = fit(trainer(net(), Adam.of(1e-2)), 10).model();
        var kept = HALF.keep(trained);
        assertThat(accuracy(trained)).isGreaterThan(0.9);
        assertThat(accuracy(kept)).isCloseTo(accuracy(trained), within(1.01 / 360));
        assertThat(bytes(kept)).isEqualTo(bytes(trained) / 2);

        var file = folder.resolve("kept.safetensors");
        TreeFiles.save(file, kept);
        assertThat(Files.size(file)).isLessThan(bytes(trained) / 2 + 1024);
        var loaded = TreeFiles.load(file, HALF.keep(net()));
        Tensor x = DIGITS.test().all().features();
        TreeAssert.assertSame("loaded", loaded.apply(x, Pass.eval()), kept.apply(x, Pass.eval()));
    }

    /**
     * Float32 weights, Adam's mean in bfloat16, the loss in float64: six bytes of optimizer for a
     * weight instead of eight, and as good a network.
     */
    @Test
    void trainingWithAShortMean() {
        var policy = Policy.keeping(DType.FLOAT32).answering(DType.FLOAT64);
        var shortened = StoredState.of(Adam.of(1e-2), "mean");
        double plain = accuracy(fit(trainer(net(), Adam.of(1e-2)), 10).model());
        var trainer = trainer(policy.keep(net()), shortened);
        double found = accuracy(fit(trainer, 10).model());
        assertThat(found).isCloseTo(plain, within(0.02));
        long weights = Tree.countTrained(net());
        assertThat(bytes(Adam.of(1e-2).init(net()))).isEqualTo(8 * weights + 8);
        assertThat(bytes(shortened.init(net()))).isEqualTo(6 * weights + 8);

        // a run that was interrupted goes on with what its files kept in two bytes
        var unbroken = fit(trainer, 3).model();
        fit(trainer.listeners(CheckpointListener.to(folder)), 2);
        var resumed = fit(trainer.resume(folder), 3).model();
        TreeAssert.assertSame("resumed", resumed, unbroken);
    }

    /** The network learns through its rounded copy as well as by itself. */
    @Test
    void trainingThroughRoundedWeights() {
        record Rounded(Sequential net) implements Layer {
            @Override
            public Tensor apply(Tensor x, Pass pass) {
                return HALF.apply(HALF.stored(net), x, pass);
            }
        }
        double plain = accuracy(fit(trainer(net(), Adam.of(1e-2)), 10).model());
        var rounded = fit(trainer(new Rounded(net()), Adam.of(1e-2)), 10).model();
        assertThat(accuracy(rounded)).isCloseTo(plain, within(0.02));
        TreeAssert.assertSame(
                "kept",
                HALF.keep(rounded.net()).apply(DIGITS.test().all().features(), Pass.eval()),
                rounded.apply(DIGITS.test().all().features(), Pass.eval()));
    }
}
