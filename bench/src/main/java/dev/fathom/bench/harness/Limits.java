package dev.fathom.bench.harness;

import dev.fathom.bench.workload.Workload;
import dev.fathom.cpu.simd.Peak;

import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What this machine can do at most, measured in the same run as what is compared with it.
 *
 * @param gigaflops multiply-adds from registers, all threads together, 10⁹ operations a second
 * @param gigabytes copied through memory, read and written, 10⁹ bytes a second
 */
public record Limits(int threads, double gigaflops, double gigabytes) {
    private static final int TRIES = 5;
    private static final int FLOATS = 1 << 25;

    /** Takes about two seconds. */
    public static Limits measure(int threads) {
        Peak.run(1 << 20);
        double flops = 0;
        double bytes = 0;
        int each = FLOATS / threads;
        var from = new float[threads][each];
        var to = new float[threads][each];
        for (int i = 0; i < TRIES; i++) {
            long repeats = 1 << 24;
            double seconds = together(threads, _ -> Peak.run(repeats));
            flops = Math.max(flops, threads * repeats * (double) Peak.FLOP / seconds);
            seconds = together(threads, t -> System.arraycopy(from[t], 0, to[t], 0, each));
            bytes = Math.max(bytes, 2.0 * Float.BYTES * threads * each / seconds);
        }
        return new Limits(threads, flops / 1e9, bytes / 1e9);
    }

    /**
     * Steps a second that this machine allows: by its memory where bytes are counted, else by its
     * arithmetic; 0 if the workload says of neither how much it needs.
     */
    double mostSteps(Workload workload) {
        return workload.unit().name().equals("GB/s")
                ? gigabytes / workload.unit().perStep()
                : workload.flop() > 0 ? gigaflops * 1e9 / workload.flop() : 0;
    }

    /** The share of the limit, 0 if none is known. */
    double share(Workload workload, double stepsPerSecond) {
        double most = mostSteps(workload);
        return most > 0 ? stepsPerSecond / most : 0;
    }

    private interface Part {
        void run(int thread);
    }

    private static double together(int threads, Part part) {
        var all =
                IntStream.range(0, threads)
                        .mapToObj(t -> Thread.ofPlatform().unstarted(() -> part.run(t)))
                        .toList();
        long start = System.nanoTime();
        all.forEach(Thread::start);
        for (var t : all) {
            try {
                t.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BenchException("interrupted");
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d thread%s: at most %.0f GFLOP/s, %.0f GB/s copied",
                threads,
                threads == 1 ? "" : "s",
                gigaflops,
                gigabytes);
    }
}
