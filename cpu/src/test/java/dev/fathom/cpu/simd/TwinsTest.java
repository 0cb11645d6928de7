package dev.fathom.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The kernels in double precision are those in single precision with other types. Change the F32
 * file, then make its twin with {@code tools/twins}, which makes the kernels of half vectors too.
 */
class TwinsTest {
    private static final Path KERNELS = Path.of("src/main/java/dev/fathom/cpu/simd");

    @TestFactory
    List<DynamicTest> everyF64KernelIsItsF32TwinInDouble() throws IOException {
        try (var files = Files.list(KERNELS)) {
            var singles =
                    files.filter(f -> f.getFileName().toString().endsWith("F32.java")).toList();
            assertThat(singles).hasSizeGreaterThan(5);
            return singles.stream()
                    .map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> same(f)))
                    .toList();
        }
    }

    @Test
    void kernelsOfHalfVectorsAreThoseOfWholeOnes() throws IOException {
        var whole = Files.readString(KERNELS.resolve("GemmKernelsF32.java"));
        var half = Files.readString(KERNELS.resolve("GemmHalvesF32.java"));
        var first = "/** 8 rows by two vectors; the rows of one step";
        var next = "/** 4 rows by two vectors; the rows of one step";
        var expected = whole.substring(whole.indexOf(first), whole.indexOf(next)) + "}";
        assertThat(words(half.substring(half.indexOf(first)))).isEqualTo(words(expected));
    }

    private static void same(Path single) throws IOException {
        var name = single.getFileName().toString().replace("F32", "F64");
        var expected =
                Files.readString(single)
                        .replace("float", "double")
                        .replace("Float", "Double")
                        .replace("F32", "F64")
                        .replace("I32", "I64")
                        .replace("IntVector", "LongVector")
                        .replace("Integer>", "Long>")
                        .replace("AsInts", "AsLongs");
        assertThat(words(Files.readString(KERNELS.resolve(name)))).isEqualTo(words(expected));
    }

    /** Without white space and the stars of comments, which depend on where lines break. */
    private static String words(String source) {
        return source.replaceAll("[\\s*]", "");
    }
}
