package dev.fathom.cpu.simd;

import dev.fathom.cpu.simd.Chain.Loop;
import dev.fathom.cpu.simd.Script.Slot;
import dev.fathom.cpu.simd.Script.Type;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes the loops of chains, one after another on a thread of its own, and hands each out only when
 * the JIT compiler is done with it: in the interpreter a loop of vector operations is a thousand
 * times slower. Until then, and for good if that never happens, the operations are done one by one,
 * with the same bits. Equal chains share a loop. The same for the straight code of a {@link
 * Script}.
 *
 * @param <T> a loop or straight code
 */
public final class Weaver<T> {
    /** Elements of a call while a loop warms up. */
    private static final int ELEMENTS = 8 * Chain.LANES;

    private static final int CALLS = 500;

    /**
     * Compiled code takes a nanosecond or two for an operation on a vector, other code hundreds.
     */
    private static final long COMPILED_NANOS = 6;

    /** A loop that is not fast after so long is not used. */
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    /** After so long it is the turn of others. */
    private static final long TURN_NANOS = 2_000_000_000L;

    /** Between two tries, time for the compiler. */
    private static final long PAUSE_NANOS = 5_000_000;

    private static final Map<Chain, Weaver<Loop>> LOOPS = new ConcurrentHashMap<>();

    private static final Map<Script, Weaver<Script.Code>> CODES = new ConcurrentHashMap<>();

    /** What was asked for and is neither ready nor given up. */
    private static final AtomicInteger OPEN = new AtomicInteger();

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

    private volatile @Nullable T made;

    private Weaver() {}

    /** Where the loop of a chain will be found. */
    public static Weaver<Loop> of(Chain chain) {
        return LOOPS.computeIfAbsent(
                chain,
                c -> {
                    var weaver = new Weaver<Loop>();
                    ask(() -> weave(weaver, c));
                    return weaver;
                });
    }

    /** Where the code of a script will be found. */
    public static Weaver<Script.Code> of(Script script) {
        return CODES.computeIfAbsent(
                script,
                s -> {
                    var weaver = new Weaver<Script.Code>();
                    ask(() -> weave(weaver, s));
                    return weaver;
                });
    }

    /** The loop or code, when it is ready. */
    public @Nullable T made() {
        return made;
    }

    private static void ask(Runnable work) {
        OPEN.incrementAndGet();
        queue(work);
    }

    private static void queue(Runnable work) {
        THREAD.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                OPEN.decrementAndGet(); // nothing will come of it
                throw e;
            }
        });
    }

    private static void weave(Weaver<Loop> weaver, Chain chain) {
        var fresh = ChainLoops.of(chain);
        int inputs = chain.inputs().size();
        var arrays = new Object[inputs + chain.outputs().size()];
        for (int k = 0; k < arrays.length; k++) {
            var type =
                    switch (chain.holds(k)) {
                        case FLOATS, FLOAT -> Type.FLOATS;
                        case TRUTHS -> Type.TRUTHS;
                        case KEPT -> Type.KEPT;
                    };
            arrays[k] = ones(new Slot(type, ELEMENTS));
        }
        var at = new int[arrays.length];
        long operations = (long) ELEMENTS / Chain.LANES * (arrays.length + chain.operations());
        weaver.warm(fresh, () -> fresh.run(arrays, at, ELEMENTS), operations, PATIENCE_NANOS);
    }

    private static void weave(Weaver<Script.Code> weaver, Script script) {
        var fresh = script.code();
        var arrays = script.slots().stream().map(Weaver::ones).toArray();
        var at = new int[arrays.length];
        weaver.warm(
                fresh, () -> fresh.run(arrays, at, _ -> {}), script.operations(), PATIENCE_NANOS);
    }

    private static Object ones(Slot slot) {
        var array = slot.allocate();
        if (array instanceof float[] floats) {
            Arrays.fill(floats, 1);
        }
        return array;
    }

    /** Runs what is fresh until it is fast, and hands it out; in turn with others. */
    private void warm(T fresh, Runnable run, long operations, long patience) {
        long fast = CALLS * operations * COMPILED_NANOS;
        long start = System.nanoTime();
        long now = start;
        while (now - start < Math.min(patience, TURN_NANOS)) {
            long before = now;
            for (int i = 0; i < CALLS; i++) {
                run.run();
            }
            now = System.nanoTime();
            if (now - before < fast) {
                made = fresh;
                OPEN.decrementAndGet();
                return;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            now = System.nanoTime();
        }
        long left = patience - (now - start);
        if (left > 0) {
            queue(() -> warm(fresh, run, operations, left));
        } else {
            OPEN.decrementAndGet();
        }
    }

    /** Waits until all loops that were asked for are ready. */
    public static void settle() {
        try {
            do {
                THREAD.submit(() -> {}).get();
            } while (OPEN.get() > 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for loops failed", e);
        }
    }
}
