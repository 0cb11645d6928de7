package dev.fathom.cpu.simd;

import dev.fathom.cpu.simd.Chain.Loop;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes the loops of chains, one after another on a thread of its own, and hands each out only when
 * the JIT compiler is done with it: in the interpreter a loop of vector operations is a thousand
 * times slower. Until then, and for good if that never happens, the operations are done one by one,
 * with the same bits. Equal chains share a loop.
 */
public final class Weaver {
    /** Elements of a call while a loop warms up. */
    private static final int ELEMENTS = 8 * Chain.LANES;

    private static final int CALLS = 500;

    /**
     * Compiled code takes a nanosecond or two for an operation on a vector, other code hundreds.
     */
    private static final long COMPILED_NANOS = 6;

    /** A loop that is not fast after so long is not used. */
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    /** Between two tries, time for the compiler. */
    private static final long PAUSE_NANOS = 5_000_000;

    private static final Map<Chain, Weaver> KNOWN = new ConcurrentHashMap<>();

    private static final ThreadPoolExecutor THREAD =
            new ThreadPoolExecutor(
                    1,
                    1,
                    5,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(),
                    work ->
                            Thread.ofPlatform()
                                    .daemon()
                                    .name("fathom-weaver")
                                    .priority(Thread.MIN_PRIORITY)
                                    .unstarted(work));

    static {
        THREAD.allowCoreThreadTimeOut(true);
    }

    private volatile @Nullable Loop loop;

    private Weaver() {}

    /** Where the loop of a chain will be found. */
    public static Weaver of(Chain chain) {
        return KNOWN.computeIfAbsent(
                chain,
                c -> {
                    var weaver = new Weaver();
                    THREAD.execute(() -> weaver.weave(c));
                    return weaver;
                });
    }

    /** The loop, when it is ready. */
    public @Nullable Loop loop() {
        return loop;
    }

    private void weave(Chain chain) {
        var fresh = ChainLoops.of(chain);
        int inputs = chain.inputs().size();
        var arrays = new Object[inputs + chain.outputs().size()];
        for (int k = 0; k < arrays.length; k++) {
            arrays[k] =
                    switch (chain.held(k < inputs ? k : chain.outputs().get(k - inputs))) {
                        case TRUTHS -> new byte[ELEMENTS];
                        case KEPT -> new short[ELEMENTS];
                        case FLOATS, FLOAT -> {
                            var ones = new float[ELEMENTS];
                            Arrays.fill(ones, 1);
                            yield ones;
                        }
                    };
        }
        var at = new int[arrays.length];
        int operations = arrays.length + chain.lines().size();
        long fast = (long) CALLS * ELEMENTS / Chain.LANES * operations * COMPILED_NANOS;
        long start = System.nanoTime();
        long now = start;
        while (now - start < PATIENCE_NANOS) {
            long before = now;
            for (int i = 0; i < CALLS; i++) {
                fresh.run(arrays, at, ELEMENTS);
            }
            now = System.nanoTime();
            if (now - before < fast) {
                loop = fresh;
                return;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            now = System.nanoTime();
        }
    }

    /** Waits until all loops that were asked for are ready. */
    public static void settle() {
        try {
            THREAD.submit(() -> {}).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for loops failed", e);
        }
    }
}
