package dev.fathom.core.transform;

import dev.fathom.core.error.NonFiniteException;
import dev.fathom.core.graph.Graph;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Interpreter;
import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.BFloat16;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.Tracer;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Lets operations through to the interpreter outside and looks at each result. */
final class FiniteCheck implements Interpreter {
    private final Interpreter outer;

    FiniteCheck(Interpreter outer) {
        this.outer = outer;
    }

    @Override
    public List<Tensor> apply(Primitive op, List<Tensor> operands) {
        var results = outer.run(() -> outer.apply(op, operands));
        if (operands.stream().allMatch(FiniteCheck::finite)) {
            for (var r : results) {
                if (!finite(r)) {
                    if (op instanceof Control c) {
                        run(() -> inside(c, operands)); // fails at the operation to blame
                    }
                    throw failed(op, operands, r);
                }
            }
        }
        return results;
    }

    /** Runs the program that an operation holds, operation by operation. */
    private static List<Tensor> inside(Control op, List<Tensor> x) {
        return switch (op) {
            case Control.Call c -> c.graph().evaluate(x);
            case Control.WithRule c -> c.graph().evaluate(x);
            case Control.Cond c ->
                    branch(c, x.getFirst().item() != 0).evaluate(x.subList(1, x.size()));
            case Control.Scan s -> steps(s, x);
            case Control.While w -> rounds(w, x);
            case Control.Transposed _ -> List.of();
        };
    }

    private static Graph branch(Control.Cond c, boolean holds) {
        return holds ? c.whenTrue() : c.whenFalse();
    }

    private static List<Tensor> steps(Control.Scan s, List<Tensor> x) {
        int first = s.constants() + s.carry();
        var carry = x.subList(s.constants(), first);
        for (int i = 0; i < s.length(); i++) {
            int at = s.reverse() ? s.length() - 1 - i : i;
            var arguments = new ArrayList<>(x.subList(0, s.constants()));
            arguments.addAll(carry);
            x.subList(first, x.size()).forEach(t -> arguments.add(t.get(at)));
            carry = s.body().evaluate(arguments).subList(0, s.carry());
        }
        return carry;
    }

    private static List<Tensor> rounds(Control.While w, List<Tensor> x) {
        int a = w.conditionConstants();
        int b = a + w.bodyConstants();
        var carry = x.subList(b, x.size());
        while (w.condition().evaluate(join(x.subList(0, a), carry)).getFirst().item() != 0) {
            carry = w.body().evaluate(join(x.subList(a, b), carry));
        }
        return carry;
    }

    private static List<Tensor> join(List<Tensor> constants, List<Tensor> carry) {
        var all = new ArrayList<>(constants);
        all.addAll(carry);
        return all;
    }

    private static NonFiniteException failed(Primitive op, List<Tensor> operands, Tensor result) {
        var types =
                operands.stream().map(t -> t.type().toString()).collect(Collectors.joining(", "));
        var bad = numbers(result);
        int i = badIndex(result);
        var found =
                bad == null ? "" : bad.toDoubles()[i] + " at element " + i + " of " + bad.type();
        return new NonFiniteException(
                "checkFinite: " + op.name() + " of " + types + " made " + found);
    }

    private static boolean finite(Tensor t) {
        return badIndex(t) < 0;
    }

    /**
     * The numbers behind a tensor, as far as they are known: of a batch all, of a derivative's
     * value the value.
     */
    private static @Nullable Array numbers(Tensor t) {
        return switch (t) {
            case Array a -> a;
            case Dual d -> numbers(d.primal());
            case Batched b -> numbers(b.whole());
            case Tracer _ -> null;
        };
    }

    private static int badIndex(Tensor t) {
        var known = numbers(t);
        if (known == null) {
            return -1;
        }
        return switch (known.buffer().host()) {
            case float[] v -> {
                for (int i = 0; i < v.length; i++) {
                    if (!Float.isFinite(v[i])) {
                        yield i;
                    }
                }
                yield -1;
            }
            case double[] v -> {
                for (int i = 0; i < v.length; i++) {
                    if (!Double.isFinite(v[i])) {
                        yield i;
                    }
                }
                yield -1;
            }
            case short[] v -> {
                for (int i = 0; i < v.length; i++) {
                    if (!Float.isFinite(BFloat16.toFloat(v[i]))) {
                        yield i;
                    }
                }
                yield -1;
            }
            case Object _ -> -1;
        };
    }
}
