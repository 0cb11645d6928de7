package dev.fathom.cpu.plan;

import com.sun.management.ThreadMXBean;

import dev.fathom.core.graph.Graph;
import dev.fathom.core.spi.Buffer;
import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.spi.Program;
import dev.fathom.cpu.workers.Workers;

import jdk.jfr.FlightRecorder;

import org.jspecify.annotations.Nullable;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A compiled program: a plan per set of donated inputs, and the frames of its runs, kept for the
 * next.
 */
public final class PlanProgram implements Program {
    private final Graph graph;
    private final Workers workers;
    private final Map<List<Boolean>, Variant> variants = new ConcurrentHashMap<>();

    private volatile @Nullable Variant latest;

    private record Variant(boolean[] donated, Plan plan, ConcurrentLinkedQueue<Frame> frames) {}

    private PlanProgram(Graph graph, Workers workers) {
        this.graph = graph;
        this.workers = workers;
    }

    /** {@code graph}, to run on {@code workers}; it is planned when it is first run. */
    public static PlanProgram of(Graph graph, Workers workers) {
        return new PlanProgram(graph, workers);
    }

    private Variant variant(boolean[] donated) {
        var last = latest;
        if (last != null && Arrays.equals(last.donated(), donated)) {
            return last;
        }
        var key = new ArrayList<Boolean>();
        for (boolean d : donated) {
            key.add(d);
        }
        var variant =
                variants.computeIfAbsent(
                        key,
                        _ ->
                                new Variant(
                                        donated.clone(),
                                        plan(donated),
                                        new ConcurrentLinkedQueue<>()));
        latest = variant;
        return variant;
    }

    /** Classes of events cost a start tens of milliseconds, so they wait for a recorder. */
    private Plan plan(boolean[] donated) {
        return FlightRecorder.isInitialized()
                ? CompileEvent.plan(graph, donated)
                : Planner.plan(graph, donated);
    }

    @Override
    public List<Buffer> run(List<Buffer> inputs, boolean[] donated) {
        return run(inputs, donated, Optional.empty());
    }

    @Override
    public List<Cost> profile(List<Buffer> inputs) {
        var meter = new Meter();
        workers.watch(true);
        try {
            run(inputs, new boolean[inputs.size()], Optional.of(meter));
        } finally {
            workers.watch(false);
        }
        return meter.costs();
    }

    @Override
    public OptionalLong allocated(List<Buffer> inputs) {
        if (!(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads)) {
            return OptionalLong.empty();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        run(inputs);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        return OptionalLong.of(bytes - fresh(variant(new boolean[inputs.size()]).plan()));
    }

    private List<Buffer> run(List<Buffer> inputs, boolean[] donated, Optional<Meter> meter) {
        var variant = variant(donated);
        var plan = variant.plan();
        var frame = variant.frames().poll();
        if (frame == null) {
            frame = plan.frame(workers);
        }
        var arrays = new Object[inputs.size()];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = inputs.get(i).host();
            frame.bind(plan.inputs()[i], arrays[i], 0);
        }
        var results = new ArrayList<Buffer>(plan.outputs().length);
        for (int k = 0; k < plan.outputs().length; k++) {
            int from = plan.handedOver()[k];
            var s = plan.outputStorages().get(k);
            var memory =
                    from >= 0
                            ? new HostBuffer(arrays[from])
                            : HostBuffer.allocate(s.dtype(), s.length());
            frame.bind(plan.outputs()[k], memory.array(), 0);
            results.add(memory);
        }
        frame.meter = meter;
        if (graph.equations().size() > 1 && FlightRecorder.isInitialized() && StepEvent.isOn()) {
            StepEvent.run(plan, frame);
        } else {
            plan.run(frame);
        }
        for (int slot : plan.inputs()) {
            frame.arrays[slot] = None.NONE;
        }
        for (int slot : plan.outputs()) {
            frame.arrays[slot] = None.NONE;
        }
        variant.frames().offer(frame);
        return results;
    }

    /** Takes the place of arrays a frame no longer holds on to. */
    private enum None {
        NONE
    }

    @Override
    public String describe() {
        return PlanText.of(variant(new boolean[graph.inputs().size()]).plan());
    }

    @Override
    public String toString() {
        return describe();
    }

    @Override
    public Map<String, Long> counts() {
        var all = new boolean[graph.inputs().size()];
        var plan = variant(all).plan();
        Arrays.fill(all, true);
        var donating = variant(all).plan();
        var counts = new LinkedHashMap<String, Long>();
        counts.put("instructions", (long) plan.instructions().size());
        counts.put(
                "regions",
                plan.instructions().stream()
                        .filter(i -> i instanceof Region || i instanceof RowRegion)
                        .count());
        counts.put("temporaryBytes", plan.temporaryBytes());
        counts.put("outputBytes", fresh(plan));
        counts.put("outputBytesWhenDonated", fresh(donating));
        return counts;
    }

    /** Bytes a run allocates for its results. */
    private static long fresh(Plan plan) {
        long bytes = 0;
        for (int k = 0; k < plan.outputs().length; k++) {
            bytes += plan.handedOver()[k] < 0 ? plan.outputStorages().get(k).bytes() : 0;
        }
        return bytes;
    }
}
