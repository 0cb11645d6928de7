package dev.fathom.bench.libtorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;

import dev.fathom.bench.measure.PageCache;
import dev.fathom.bench.measure.Steps;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Parameters with two moments each in DJL's own file format, written and read. */
final class Checkpoints implements Steps {
    private static final int PARTS = 20;
    private static final int BUFFER = 1 << 20;

    private final NDManager manager;
    private final Path file;
    private final boolean write;
    private final boolean cold;
    private NDList state = new NDList();

    Checkpoints(String name, NDList problem) {
        manager = problem.get("parameters").getManager();
        int parameters = problem.get("parameters").toIntArray()[0];
        write = name.startsWith("checkpoint-write");
        cold = name.startsWith("checkpoint-read-cold");
        try {
            file = Files.createTempFile("fathom-checkpoint", ".ndlist");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        file.toFile().deleteOnExit();
        for (int i = 0; i < 3 * PARTS; i++) {
            state.add(manager.randomNormal(new Shape(parameters / PARTS)));
        }
        write();
    }

    @Override
    public void prepare() {
        if (cold) {
            PageCache.drop(file);
        }
    }

    @Override
    public void step(long i) {
        if (write) {
            write();
        } else {
            read();
        }
    }

    private void write() {
        try (var channel =
                        FileChannel.open(
                                file,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING);
                var out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)) {
            state.encode(out);
            out.flush();
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        state.forEach(NDArray::close);
        try (var in = Files.newInputStream(file)) {
            state = NDList.decode(manager, in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public double value() {
        try (var _ = new NDScope()) {
            return Math.sqrt(state.getFirst().square().mean().getFloat());
        }
    }
}
