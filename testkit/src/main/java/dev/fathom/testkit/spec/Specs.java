package dev.fathom.testkit.spec;

import dev.fathom.core.op.Primitive;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The table: every row of every family. */
public final class Specs {
    private Specs() {}

    /** All rows. */
    public static List<Spec> all() {
        return Stream.of(
                        ElementwiseRows.rows(),
                        ArithmeticRows.rows(),
                        ReductionRows.rows(),
                        StructuralRows.rows(),
                        IndexingRows.rows(),
                        ContractionRows.rows(),
                        WindowRows.rows(),
                        OrderingRows.rows(),
                        LinalgRows.rows(),
                        ControlRows.rows())
                .flatMap(List::stream)
                .toList();
    }

    /** The records permitted under {@link Primitive}: every primitive there is. */
    public static Set<Class<?>> primitives() {
        var records = new LinkedHashSet<Class<?>>();
        collect(Primitive.class, records);
        return records;
    }

    private static void collect(Class<?> type, Set<Class<?>> records) {
        if (type.isRecord()) {
            records.add(type);
        } else {
            for (var permitted : type.getPermittedSubclasses()) {
                collect(permitted, records);
            }
        }
    }
}
