package dev.fathom.core.op;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.GraphException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import java.util.ArrayList;
import java.util.List;

/**
 * Operations that hold programs. They mean what their programs mean, so they have no rules of their
 * own: every transform says once, in a switch over these records, how it passes through a program.
 */
public sealed interface Control extends Primitive {

    private static void checkOperands(
            Primitive op, List<TensorType> wanted, List<TensorType> given) {
        if (!wanted.equals(given)) {
            throw new GraphException(op.name() + ": takes " + wanted + ", was given " + given);
        }
    }

    /**
     * Calls a program. With {@code remat} its intermediate values are not kept for the backward
     * pass but computed again (Griewank & Walther, "Algorithm 799: Revolve", 2000).
     */
    record Call(String label, Graph graph, boolean remat) implements Control {
        @Override
        public List<TensorType> types(List<TensorType> in) {
            checkOperands(this, graph.inputTypes(), in);
            return graph.outputTypes();
        }
    }

    /**
     * Runs {@code body} {@code length} times. Operands: constants, initial carry, stacked inputs
     * (leading axis {@code length}). Body: (constants, carry, one slice of each input) to (carry,
     * one slice of each output). Results: final carry, stacked outputs. With {@code reverse} the
     * slices are taken and written from the last to the first.
     */
    record Scan(Graph body, int constants, int carry, int length, boolean reverse)
            implements Control {
        @Override
        public List<TensorType> types(List<TensorType> in) {
            var body = body();
            var bodyIn = body.inputTypes();
            var expected = new ArrayList<>(bodyIn.subList(0, constants + carry));
            for (var slice : bodyIn.subList(constants + carry, bodyIn.size())) {
                expected.add(slice.batched(length));
            }
            checkOperands(this, expected, in);
            var out = body.outputTypes();
            var state = bodyIn.subList(constants, constants + carry);
            if (!out.subList(0, carry).equals(state)) {
                throw new ShapeException(
                        "scan: the body takes a carry of types "
                                + state
                                + " and returns "
                                + out.subList(0, carry)
                                + "; they must be the same at every step");
            }
            var types = new ArrayList<>(state);
            for (var slice : out.subList(carry, out.size())) {
                types.add(slice.batched(length));
            }
            return types;
        }
    }

    /**
     * Runs one of two programs by a bool scalar, the first operand; the others go to the program.
     */
    record Cond(Graph whenTrue, Graph whenFalse) implements Control {
        @Override
        public List<TensorType> types(List<TensorType> in) {
            if (!in.getFirst().equals(new TensorType(Shape.of(), DType.BOOL))) {
                throw new DTypeException(
                        "cond: the condition has type " + in.getFirst() + ", not bool()");
            }
            checkOperands(this, whenTrue.inputTypes(), in.subList(1, in.size()));
            if (!whenTrue.outputTypes().equals(whenFalse.outputTypes())) {
                throw new ShapeException(
                        "cond: the branches return "
                                + whenTrue.outputTypes()
                                + " and "
                                + whenFalse.outputTypes()
                                + "; they must return the same types");
            }
            return whenTrue.outputTypes();
        }
    }

    /**
     * Runs {@code body} while {@code condition} holds. Operands: constants of the condition,
     * constants of the body, carry; each program takes its constants and the carry.
     */
    record While(Graph condition, Graph body, int conditionConstants, int bodyConstants)
            implements Control {
        @Override
        public List<TensorType> types(List<TensorType> in) {
            int first = conditionConstants + bodyConstants;
            var carry = in.subList(first, in.size());
            var expected = new ArrayList<>(condition.inputTypes().subList(0, conditionConstants));
            expected.addAll(body.inputTypes());
            checkOperands(this, expected, in);
            if (!body.outputTypes().equals(carry)) {
                throw new ShapeException(
                        "whileLoop: the body takes "
                                + carry
                                + " and returns "
                                + body.outputTypes()
                                + "; they must be the same at every step");
            }
            return carry;
        }
    }

    /** Calls a program whose derivative the user stated. */
    record WithRule(String label, Graph graph, DerivativeRule rule) implements Control {
        @Override
        public List<TensorType> types(List<TensorType> in) {
            checkOperands(this, graph.inputTypes(), in);
            return graph.outputTypes();
        }
    }

    /**
     * A linear map known by its transpose alone: it appears in tangent programs where a function
     * has a {@link DerivativeRule.Reverse}. Operands: inputs and outputs of that function, then
     * tangents.
     */
    record Transposed(
            DerivativeRule.Reverse rule, List<TensorType> inputs, List<TensorType> outputs)
            implements Control {
        @Override
        public List<TensorType> types(List<TensorType> in) {
            return outputs.stream()
                    .filter(t -> t.dtype().isFloating())
                    .map(TensorType::ofDerivative)
                    .toList();
        }
    }
}
