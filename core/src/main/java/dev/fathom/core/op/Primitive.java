package dev.fathom.core.op;

import dev.fathom.core.tensor.TensorType;

import java.util.List;

/**
 * One operation of the closed set that everything else is made of: a record whose components are
 * the operation's static attributes. Two equal records mean the same operation, which makes the
 * record the key for caches and for finding common subexpressions.
 *
 * <p>What an operation <em>means</em> is a method of its record: {@linkplain #types the type rule},
 * the derivative, the transpose, the batching rule. Who <em>uses</em> operations (a backend, the
 * printer, the fuser) is one exhaustive switch. Adding one is one record, one case per backend, one
 * row in the test kit.
 */
public sealed interface Primitive permits Operation, Control {

    /**
     * The types of the results.
     *
     * @throws dev.fathom.core.error.FathomException if the operands do not fit, naming operation
     *     and types
     */
    List<TensorType> types(List<TensorType> operands);

    /** The name printed in programs and messages. */
    default String name() {
        return Names.of(getClass());
    }
}
