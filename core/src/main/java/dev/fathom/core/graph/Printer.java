package dev.fathom.core.graph;

import dev.fathom.core.op.Control;
import dev.fathom.core.op.Operation;
import dev.fathom.core.op.Primitive;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * Prints programs for people:
 *
 * <pre>
 * { a:float32(2, 3) b:float32(3,) ->
 *   c:float32(2, 3) = broadcast[shape=(2, 3) dims=[1]] b
 *   d:float32(2, 3) = add a c
 *   return d }
 * </pre>
 */
public final class Printer {
    private Printer() {}

    /** The text of a program. */
    public static String print(Graph graph) {
        return print(graph, "");
    }

    private static String print(Graph graph, String indent) {
        var text = new StringBuilder("{ ");
        for (var v : graph.inputs()) {
            text.append(v).append(':').append(v.type()).append(' ');
        }
        text.append("->\n");
        for (var e : graph.equations()) {
            text.append(indent).append("  ").append(line(e, indent + "  ")).append('\n');
        }
        return text.append(indent)
                .append("  return ")
                .append(names(graph.outputs()))
                .append(" }")
                .toString();
    }

    /** One line, without nested programs' indentation. */
    public static String line(Equation e) {
        return line(e, "");
    }

    private static String line(Equation e, String indent) {
        var results =
                e.results().stream().map(v -> v + ":" + v.type()).collect(Collectors.joining(", "));
        var operands = names(e.operands());
        return results
                + " = "
                + e.op().name()
                + attributes(e.op(), indent)
                + (operands.isEmpty() ? "" : " " + operands);
    }

    private static String names(List<? extends Atom> atoms) {
        return atoms.stream().map(Object::toString).collect(Collectors.joining(" "));
    }

    private static String attributes(Primitive op, String indent) {
        return switch (op) {
            case Control.Call c ->
                    "["
                            + c.label()
                            + (c.remat() ? " checkpoint" : "")
                            + " "
                            + print(c.graph(), indent)
                            + "]";
            case Control.WithRule c -> "[" + c.label() + " " + print(c.graph(), indent) + "]";
            case Control.Scan s ->
                    "[length="
                            + s.length()
                            + " constants="
                            + s.constants()
                            + " carry="
                            + s.carry()
                            + (s.reverse() ? " reverse" : "")
                            + " "
                            + print(s.body(), indent)
                            + "]";
            case Control.Cond c ->
                    "["
                            + print(c.whenTrue(), indent)
                            + " else "
                            + print(c.whenFalse(), indent)
                            + "]";
            case Control.While w ->
                    "[while "
                            + print(w.condition(), indent)
                            + " do "
                            + print(w.body(), indent)
                            + "]";
            case Control.Transposed _ -> "";
            case Operation o -> components(o);
        };
    }

    private static String components(Primitive op) {
        var parts = new StringJoiner(" ", "[", "]").setEmptyValue("");
        for (RecordComponent c : op.getClass().getRecordComponents()) {
            try {
                parts.add(c.getName() + "=" + c.getAccessor().invoke(op));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("a primitive's record is not readable: " + op, e);
            }
        }
        return parts.toString();
    }
}
