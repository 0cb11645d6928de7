package dev.fathom.examples.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * How big the system is, written to {@code target/size-report.txt} by every build and held to a few
 * caps. A number that grows is not wrong, but it should be noticed.
 */
class SizeReportTest {
    private static final int MOST_TENSOR_METHODS = 60;
    private static final int MOST_PRIMITIVES = 110;

    @Test
    void reportIsWrittenAndWithinItsCaps() throws IOException {
        List<String> primitives = primitives();
        List<String> tensorMethods = publicMethods("dev.fathom.core.tensor.Tensor");

        StringBuilder report = new StringBuilder();
        row(report, "module", "files", "lines", "test lines", "public types");
        for (String module : Checkout.modules()) {
            row(
                    report,
                    module,
                    files(in(module)),
                    lines(in(module), "main"),
                    lines(in(module), "test"),
                    publicTypes(in(module)));
        }
        row(
                report,
                "all",
                files(_ -> true),
                lines(_ -> true, "main"),
                lines(_ -> true, "test"),
                publicTypes(_ -> true));
        report.append('\n').append("primitives ").append(primitives.size()).append(": ");
        report.append(String.join(" ", primitives)).append('\n');
        report.append("names on Tensor ").append(tensorMethods.size()).append(": ");
        report.append(String.join(" ", tensorMethods)).append('\n');
        report.append("longest files\n");
        longest(10).forEach(f -> report.append("  ").append(f).append('\n'));

        Path target = Files.createDirectories(Checkout.ROOT.resolve("target"));
        Files.writeString(target.resolve("size-report.txt"), report);

        assertThat(primitives).as("the closed set").hasSizeBetween(1, MOST_PRIMITIVES);
        assertThat(tensorMethods)
                .as("names on Tensor: what is left over belongs to dev.fathom.core.math")
                .hasSizeBetween(1, MOST_TENSOR_METHODS);
    }

    /**
     * The records of the closed set: Primitive is sealed, so its subtypes are its permitted ones.
     */
    private static List<String> primitives() {
        return Checkout.classes().get("dev.fathom.core.op.Primitive").getAllSubclasses().stream()
                .filter(JavaClass::isRecord)
                .map(JavaClass::getSimpleName)
                .sorted()
                .toList();
    }

    /** Distinct names: an overload for another element type is not another thing to learn. */
    private static List<String> publicMethods(String type) {
        return Checkout.classes().get(type).getMethods().stream()
                .filter(m -> m.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(m -> !m.getModifiers().contains(JavaModifier.SYNTHETIC))
                .map(JavaMethod::getName)
                .distinct()
                .sorted()
                .toList();
    }

    private static Predicate<String> in(String module) {
        return module::equals;
    }

    private static long files(Predicate<String> module) {
        return sources(module, "main").count();
    }

    private static long lines(Predicate<String> module, String kind) {
        return sources(module, kind).mapToLong(f -> Checkout.read(f).lines().count()).sum();
    }

    private static Stream<Path> sources(Predicate<String> module, String kind) {
        return Checkout.sources("src/" + kind + "/java").stream()
                .filter(f -> module.test(Checkout.ROOT.relativize(f).getName(0).toString()));
    }

    private static long publicTypes(Predicate<String> module) {
        return Checkout.classes().stream()
                .filter(c -> module.test(Checkout.module(c)))
                .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC))
                .count();
    }

    private static List<String> longest(int count) {
        record Length(Path file, long lines) {}
        return Checkout.sources("src/main/java", "src/test/java").stream()
                .map(f -> new Length(f, Checkout.read(f).lines().count()))
                .sorted((a, b) -> Long.compare(b.lines, a.lines))
                .limit(count)
                .map(l -> "%5d  %s".formatted(l.lines, Checkout.name(l.file)))
                .toList();
    }

    private static void row(StringBuilder report, Object name, Object... cells) {
        report.append("%-10s".formatted(name));
        for (Object cell : cells) {
            report.append("%14s".formatted(cell));
        }
        report.append('\n');
    }
}
