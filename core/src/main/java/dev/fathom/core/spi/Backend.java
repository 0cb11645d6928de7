package dev.fathom.core.spi;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/**
 * Where numbers are computed. A backend runs one primitive at a time for eager use, and compiles
 * whole programs for {@code jit}. It is found with {@link java.util.ServiceLoader}. All methods are
 * safe to call from several threads.
 */
public interface Backend {
    /** A short name, such as {@code simd}. */
    String name();

    /** The available backend with the highest number is used, unless one is asked for by name. */
    int priority();

    /** One line for people: device, vector width, threads. */
    String description();

    /**
     * Runs one primitive. The operands fit: their types were checked by the primitive's type rule.
     *
     * @return one buffer per result type; never one of the operands' memory changed in place
     */
    List<Buffer> run(
            Primitive op, List<TensorType> types, List<Buffer> operands, List<TensorType> results);

    /** Compiles a program. */
    Program compile(Graph graph);
}
