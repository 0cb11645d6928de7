package dev.fathom.bench.openblas;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** A library's product of two matrices in row-major order: c (m, n) = a (m, k) · b (k, n). */
interface Gemm {
    /** One product. */
    void run(int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c)
            throws Throwable;

    /** {@code cblas_sgemm}. */
    static Gemm openBlas(Path folder) {
        var sgemm =
                function(
                        folder.resolve("org/bytedeco/openblas/linux-x86_64/libopenblas.so.0"),
                        "cblas_sgemm",
                        null,
                        JAVA_INT, // order
                        JAVA_INT, // of a
                        JAVA_INT, // of b
                        JAVA_INT, // m
                        JAVA_INT, // n
                        JAVA_INT, // k
                        JAVA_FLOAT,
                        ADDRESS, // a
                        JAVA_INT,
                        ADDRESS, // b
                        JAVA_INT,
                        JAVA_FLOAT,
                        ADDRESS, // c
                        JAVA_INT);
        int rowMajor = 101;
        int asItIs = 111;
        return (m, n, k, a, b, c) -> {
            sgemm.invokeExact(rowMajor, asItIs, asItIs, m, n, k, 1f, a, k, b, n, 0f, c, n);
        };
    }

    /** {@code dnnl_sgemm}. */
    static Gemm oneDnn(Path folder) {
        var sgemm =
                function(
                        folder.resolve("org/bytedeco/dnnl/linux-x86_64/libdnnl.so.3"),
                        "dnnl_sgemm",
                        JAVA_INT,
                        JAVA_BYTE, // of a
                        JAVA_BYTE, // of b
                        JAVA_LONG, // m
                        JAVA_LONG, // n
                        JAVA_LONG, // k
                        JAVA_FLOAT,
                        ADDRESS, // a
                        JAVA_LONG,
                        ADDRESS, // b
                        JAVA_LONG,
                        JAVA_FLOAT,
                        ADDRESS, // c
                        JAVA_LONG);
        byte asItIs = 'N';
        return (m, n, k, a, b, c) -> {
            int status =
                    (int)
                            sgemm.invokeExact(
                                    asItIs, asItIs, (long) m, (long) n, (long) k, 1f, a, (long) k,
                                    b, (long) n, 0f, c, (long) n);
            if (status != 0) {
                throw new IllegalStateException("dnnl_sgemm ended with status " + status);
            }
        };
    }

    @SuppressWarnings("restricted") // native code is what this module is for
    private static MethodHandle function(
            Path library, String name, @Nullable MemoryLayout result, MemoryLayout... arguments) {
        var symbol = SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow(name);
        return Linker.nativeLinker()
                .downcallHandle(
                        symbol,
                        result == null
                                ? FunctionDescriptor.ofVoid(arguments)
                                : FunctionDescriptor.of(result, arguments));
    }
}
