package dev.fathom.bench.openblas;

import dev.fathom.bench.measure.Job;
import dev.fathom.bench.measure.Job.Unsupported;
import dev.fathom.io.numpy.Npz;

import java.nio.file.Path;

/**
 * A process that runs one product: {@code Worker NAME PROBLEM.npz PROTOCOL}. The system property
 * {@code fathom.bench.native} is the folder of the libraries; {@code fathom.bench.onednn} asks for
 * oneDNN instead of OpenBLAS.
 */
public final class Worker {
    private Worker() {}

    /** As {@link Job#main}. */
    public static void main(String[] arguments) throws Exception {
        Job.main(arguments, framework());
    }

    static Job.Framework framework() {
        return (name, problem) -> {
            if (!name.startsWith("gemm-")) {
                throw new Unsupported("only products: it is no framework");
            }
            var folder = Path.of(System.getProperty("fathom.bench.native"));
            var gemm =
                    Boolean.getBoolean("fathom.bench.onednn")
                            ? Gemm.oneDnn(folder)
                            : Gemm.openBlas(folder);
            return new Product(gemm, Npz.read(problem));
        };
    }
}
