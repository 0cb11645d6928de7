package dev.fathom.cpu.plan;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A plan for people: what each level runs, and which slots it reads and writes.
 *
 * <pre>
 * given s0:float32[12] s1:float32[20], constant s2:float32[1]
 * level 1
 *   dot  s0 s1 -> s4
 *   fused(15: mul tanh)  s4 s2 -> s3
 * returns s3:float32[15], 60 bytes of temporary memory in s4:float32[15]
 * </pre>
 *
 * A kernel stands in the level after its operands, a region in the level of its operands. A program
 * inside, the body of a loop or a branch, stands indented below the instruction that runs it and
 * has slots of its own.
 */
final class PlanText {
    private final StringBuilder text = new StringBuilder();

    private PlanText() {}

    static String of(Plan plan) {
        var t = new PlanText();
        t.plan(plan, "");
        return t.text.toString();
    }

    private void plan(Plan plan, String indent) {
        text.append(indent).append("given");
        for (int i = 0; i < plan.inputs().length; i++) {
            text.append(' ').append(slot(plan.inputs()[i]));
        }
        if (!plan.constants().isEmpty()) {
            text.append(", constant ").append(slots(plan.constants(), true));
        }
        text.append('\n');
        for (int i = 0; i < plan.instructions().size(); i++) {
            int level = plan.levels().get(i);
            if (i == 0 || level != plan.levels().get(i - 1)) {
                text.append(indent).append("level ").append(level).append('\n');
            }
            var instruction = plan.instructions().get(i);
            text.append(indent)
                    .append("  ")
                    .append(instruction.name())
                    .append("  ")
                    .append(slots(instruction.reads(), false))
                    .append(" -> ")
                    .append(slots(instruction.writes(), true))
                    .append('\n');
            instruction.plans().forEach(p -> plan(p, indent + "    "));
        }
        text.append(indent)
                .append("returns ")
                .append(
                        IntStream.of(plan.outputs())
                                .mapToObj(PlanText::slot)
                                .collect(Collectors.joining(" ")))
                .append("; ")
                .append(plan.temporaryBytes())
                .append(" bytes of temporary memory in ")
                .append(plan.temporaries().size())
                .append(" arrays\n");
    }

    private static String slot(int number) {
        return "s" + number;
    }

    private static String slots(List<Storage> storages, boolean types) {
        return storages.stream()
                .map(s -> slot(s.slot) + (types ? ":" + s.dtype() + "[" + s.length() + "]" : ""))
                .collect(Collectors.joining(" "));
    }
}
