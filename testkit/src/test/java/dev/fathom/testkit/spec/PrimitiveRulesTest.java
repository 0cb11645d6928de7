package dev.fathom.testkit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;

import dev.fathom.core.op.Control;
import dev.fathom.core.tensor.DType;
import dev.fathom.testkit.conformance.RuleChecks;

import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/** Every primitive's rules, from its row; and that every primitive has one. */
class PrimitiveRulesTest {

    @Test
    void everyPrimitiveHasExactlyOneRow() {
        var rows = Specs.all().stream().map(Spec::primitive).toList();
        assertThat(rows).doesNotHaveDuplicates();
        assertThat(new HashSet<Class<?>>(rows)).isEqualTo(Specs.primitives());
    }

    @Test
    void casesAreOfTheirRowsPrimitive() {
        for (var spec : Specs.all()) {
            assertThat(spec.cases()).as(spec.name()).isNotEmpty();
            // Transposed stands in tangent programs only and is reached through a reverse rule
            var wanted =
                    spec.primitive() == Control.Transposed.class
                            ? Control.WithRule.class
                            : spec.primitive();
            for (var c : spec.cases()) {
                assertThat(c.primitive(DType.FLOAT64)).as(spec + " " + c).isInstanceOf(wanted);
            }
        }
    }

    @Test
    void thereAreAsManyPrimitivesAsRecords() {
        assertThat(Specs.primitives()).allMatch(Class::isRecord).hasSizeGreaterThan(70);
        assertThat(Specs.primitives())
                .containsAll(Set.of(Control.Scan.class, Control.Transposed.class));
    }

    @TestFactory
    Stream<DynamicNode> rules() {
        return Specs.all().stream().map(s -> dynamicContainer(s.name(), RuleChecks.of(s)));
    }
}
