package dev.fathom.nn.layer;

import dev.fathom.core.tensor.Tensor;

/** All axes but the batch merged into one: (n, a, b, ..) to (n, a·b·..). */
public record Flatten() implements Layer {

    /** The layer; it has nothing to choose. */
    public static Flatten of() {
        return new Flatten();
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () ->
                        switch (x.rank()) {
                            case 0 -> x.reshape(1, 1);
                            case 1 -> x.expandDims(1);
                            default -> x.flatten(1);
                        });
    }
}
