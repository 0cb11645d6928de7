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
 * file, then make its twin with {@code tools/twins}, which makes the kernels of half vectors and of
 * stripes too.
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

    @Test
    void kernelsOfStripesAreThoseOfAnyBWithConstantSteps() throws IOException {
        var any = Files.readString(KERNELS.resolve("GemmKernelsF32.java"));
        var stripes = Files.readString(KERNELS.resolve("GemmStripesF32.java"));
        var first = "/** 8 rows by two vectors; the rows of one step";
        var second = "/** 4 rows by two vectors; the rows of one step";
        var third = "/** 4 rows by two vectors; the steps of one row";
        var tiles = any.substring(any.indexOf(first));
        tiles = tiles.substring(0, tiles.indexOf("/**", tiles.indexOf(third) + 3));
        tiles = tiles.replace("int rsB,", "").replace("p * rsB", "p * N");
        var packed = tiles.substring(tiles.indexOf(second), tiles.indexOf(third));
        packed =
                packed.replace("int csA,", "")
                        .replace("p * csA", "p * 4")
                        .replace("col4", "packed4")
                        .replace("of one step of k lie side by side", "of a packed panel");
        assertThat(words(stripes.substring(stripes.indexOf(first))))
                .isEqualTo(words(tiles + packed + "}"));
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
