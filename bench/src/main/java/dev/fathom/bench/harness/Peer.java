package dev.fathom.bench.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Frameworks that Fathom is compared with. The peer {@code NAME} is the Maven module {@code
 * bench/NAME}, built with {@code -Ppeers}, and its worker is {@code dev.fathom.bench.NAME.Worker};
 * the launcher needs no list of them.
 */
public enum Peer {
    /** PyTorch's library through DJL, as it is and with the settings that help it. */
    LIBTORCH {
        @Override
        List<Side> sides(Path jars, int threads) {
            return List.of(Side.libtorch(jars, threads, false), Side.libtorch(jars, threads, true));
        }
    },
    /** Deeplearning4j as its platform artefact brings it, and with oneDNN and AVX2. */
    DL4J {
        @Override
        List<Side> sides(Path jars, int threads) {
            return List.of(
                    dl4j("DL4J", "", jars, threads),
                    dl4j("DL4J, oneDNN", "-onednn-avx2", jars, threads));
        }
    },
    /** TensorFlow through its Java library, as it is and compiled by XLA. */
    TENSORFLOW {
        @Override
        List<Side> sides(Path jars, int threads) {
            return List.of(
                    tensorFlow("TensorFlow", jars, threads, false),
                    tensorFlow("TensorFlow, XLA", jars, threads, true));
        }
    },
    /** Products alone: OpenBLAS, and oneDNN beside it. */
    OPENBLAS {
        @Override
        List<Side> sides(Path jars, int threads) {
            return List.of(
                    product("OpenBLAS", jars, threads, false),
                    product("oneDNN", jars, threads, true));
        }
    };

    private static Side dl4j(String name, String extension, Path jars, int threads) {
        return Side.classPath(
                name,
                jars,
                "dev.fathom.bench.dl4j.Worker",
                List.of(
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dorg.bytedeco.javacpp.platform.extension=" + extension),
                openMp(threads));
    }

    private static Side tensorFlow(String name, Path jars, int threads, boolean xla) {
        return Side.classPath(
                name,
                jars,
                "dev.fathom.bench.tensorflow.Worker",
                List.of(
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dfathom.threads=" + threads,
                        "-Dfathom.bench.xla=" + xla),
                Map.of(
                        "OMP_NUM_THREADS",
                        Integer.toString(threads),
                        "TF_CPP_MIN_LOG_LEVEL",
                        "2",
                        "TF_XLA_FLAGS",
                        xla ? "--tf_xla_cpu_global_jit" : ""));
    }

    private static Side product(String name, Path jars, int threads, boolean oneDnn) {
        return Side.classPath(
                name,
                jars,
                "dev.fathom.bench.openblas.Worker",
                List.of(
                        "-Dfathom.bench.native=" + jars.resolveSibling("native"),
                        "-Dfathom.bench.onednn=" + oneDnn),
                openMp(threads));
    }

    private static Map<String, String> openMp(int threads) {
        var n = Integer.toString(threads);
        return Map.of("OMP_NUM_THREADS", n, "OPENBLAS_NUM_THREADS", n);
    }

    /**
     * What it runs as, each with other settings.
     *
     * @param jars the folder of its jars
     */
    abstract List<Side> sides(Path jars, int threads);

    /** What it is called on the command line. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * What it runs as.
     *
     * @param bench the folder that holds the modules of peers
     * @throws BenchException if it has not been built
     */
    public List<Side> built(Path bench, int threads) {
        var jars = bench.resolve(id()).resolve(Path.of("target", "app", "lib"));
        if (!Files.isDirectory(jars)) {
            throw new BenchException(
                    id() + " has not been built; start this with ./fathom bench --peer " + id());
        }
        return sides(jars, threads);
    }

    /**
     * The peers of these names; {@code none} is no peer.
     *
     * @throws IllegalArgumentException naming those there are
     */
    public static Set<Peer> named(List<String> names) {
        var found = EnumSet.noneOf(Peer.class);
        for (var name : names) {
            if (!name.equals("none")) {
                found.add(
                        Arrays.stream(values())
                                .filter(p -> p.id().equals(name))
                                .findFirst()
                                .orElseThrow(() ->
                                        new IllegalArgumentException(
                                                "--peer "
                                                        + name
                                                        + " is not known; there are "
                                                        + ids()
                                                        + ", none")));
            }
        }
        return found;
    }

    private static String ids() {
        return Arrays.stream(values()).map(Peer::id).collect(Collectors.joining(", "));
    }
}
