package dev.fathom.cli.run;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.train.error.NonFiniteLossException;
import dev.fathom.train.loop.BatchResult;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Training;

/**
 * Looks at every number of the network and of the optimizer after every step, and ends the run at
 * the first that is not finite. Without it a run ends when the loss is not finite, which may be
 * many steps later.
 */
final class FiniteWeights implements Listener {
    @Override
    public void batchEnded(Training training, BatchResult result) {
        for (var leaf : Tree.flatten(training.checkpoint().state()).leaves()) {
            if (leaf.tensor().dtype().isFloating() && !isFinite(leaf.tensor())) {
                throw new NonFiniteLossException(
                        result.step(),
                        leaf.path()
                                + " has a number that is not finite after step "
                                + result.step()
                                + " (epoch "
                                + training.epoch()
                                + ", batch "
                                + result.batch()
                                + "), whose loss was "
                                + result.loss()
                                + "; try a smaller --lr");
            }
        }
    }

    private static boolean isFinite(Tensor tensor) {
        for (double value : tensor.toDoubles()) {
            if (!Double.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
