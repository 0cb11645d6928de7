package dev.fathom.bench.workload;

import dev.fathom.bench.measure.PageCache;
import dev.fathom.bench.measure.Protocol;
import dev.fathom.bench.measure.Steps;
import dev.fathom.bench.measure.Unit;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.io.safetensors.TreeFiles;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Parameters with two moments each, written to a file until they are on the disk, or read back; it
 * fails if what is read back is not bit by bit what was written.
 *
 * @param parameters how many
 */
record Checkpoint(String name, int parameters, Access access) implements Workload {
    private static final int MILLION = 1_000_000;
    private static final int WHOLE = 100 * MILLION;

    /** Arrays the parameters are divided into. */
    private static final int PARTS = 20;

    /** What is timed. */
    enum Access {
        WRITE("written, with fsync"),
        COLD("read, not from the memory of the system"),
        WARM("read, from the memory of the system");

        private final String says;

        Access(String says) {
            this.says = says;
        }
    }

    /** The three rows. */
    static List<Workload> all() {
        return List.of(
                new Checkpoint("checkpoint-write", WHOLE, Access.WRITE),
                new Checkpoint("checkpoint-read-cold", WHOLE, Access.COLD),
                new Checkpoint("checkpoint-read-warm", WHOLE, Access.WARM));
    }

    private record State(List<Tensor> parameters, List<Tensor> first, List<Tensor> second) {}

    private double gigabytes() {
        return 3.0 * Float.BYTES * parameters / 1e9;
    }

    @Override
    public String title() {
        return parameters / MILLION + " M parameters with Adam's state, " + access.says;
    }

    @Override
    public double flop() {
        return 0;
    }

    @Override
    public Unit unit() {
        return Unit.rate("GB/s", gigabytes());
    }

    @Override
    public String protocol(String asked) {
        return Protocol.THRICE;
    }

    @Override
    public Workload small() {
        return name.endsWith("-small") ? this : new Checkpoint(name + "-small", WHOLE / 10, access);
    }

    @Override
    public Map<String, Tensor> problem() {
        return Map.of("parameters", Tensor.scalar(parameters));
    }

    private State state() {
        var keys = Key.of(19).split(3);
        return new State(parts(keys[0]), parts(keys[1]), parts(keys[2]));
    }

    private List<Tensor> parts(Key key) {
        return Arrays.stream(key.split(PARTS)).map(k -> k.normal(parameters / PARTS)).toList();
    }

    /** Each side makes its numbers up; the value is their spread. */
    @Override
    public double tolerance() {
        return 1e-2;
    }

    @Override
    public Steps steps(Map<String, Tensor> problem) {
        var state = state();
        var file = temporary();
        TreeFiles.save(file, state);
        same(state, TreeFiles.load(file, state));
        return new Steps() {
            private @Nullable State last = state;

            @Override
            public void prepare() {
                if (access == Access.COLD) {
                    PageCache.drop(file);
                }
            }

            @Override
            public void step(long i) {
                if (access == Access.WRITE) {
                    TreeFiles.save(file, state);
                } else {
                    last = null; // there is room for one
                    last = TreeFiles.load(file, state);
                }
            }

            @Override
            public double value() {
                return Objects.requireNonNull(last)
                        .parameters()
                        .getFirst()
                        .square()
                        .mean()
                        .sqrt()
                        .item();
            }
        };
    }

    private static Path temporary() {
        try {
            var file = Files.createTempFile("fathom-checkpoint", ".safetensors");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Training goes on from what was read as from what was written: bit by bit. */
    private static void same(State written, State read) {
        var a = Tree.flatten(written).tensors();
        var b = Tree.flatten(read).tensors();
        for (int i = 0; i < a.size(); i++) {
            if (Arrays.mismatch(a.get(i).toFloats(), b.get(i).toFloats()) >= 0) {
                throw new IllegalStateException("array " + i + " is not what was written");
            }
        }
    }
}
