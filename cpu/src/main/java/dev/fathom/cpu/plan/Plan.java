package dev.fathom.cpu.plan;

import dev.fathom.core.tensor.DType;
import dev.fathom.cpu.workers.Workers;

import jdk.jfr.FlightRecorder;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A program ready to run: instructions in order, and which slot of a frame each value uses. Inputs,
 * outputs and constants are bound by the caller of {@link #run}; temporary memory belongs to the
 * frame.
 *
 * @param inputs slots of the inputs
 * @param outputs slots of the outputs; an output that takes a donated input's memory has its slot
 * @param levels of the instructions
 * @param handedOver for each output the input whose memory it takes, or -1
 * @param straight the same as straight code, if the arrays are small
 */
record Plan(
        List<Instruction> instructions,
        List<Integer> levels,
        int[] inputs,
        int[] outputs,
        int[] handedOver,
        List<Storage> outputStorages,
        List<Storage> constants,
        List<Temporary> temporaries,
        int slots,
        @Nullable Straight straight) {

    /** Memory of a frame that several values use one after another. */
    record Temporary(int slot, DType dtype, int capacity) {
        long bytes() {
            return (long) capacity * dtype.bytes();
        }
    }

    /** A frame with its temporary memory and constants in place. */
    Frame frame(Workers workers) {
        var frame = new Frame(straight == null ? slots : straight.script().slots().size(), workers);
        if (straight != null) {
            straight.bind(frame);
        }
        for (var t : temporaries) {
            frame.bind(t.slot(), Memory.allocate(t.dtype(), t.capacity()), 0);
        }
        for (var c : constants) {
            frame.bind(c.slot, c.constantArray(), 0);
        }
        return frame;
    }

    /** Runs the instructions; inputs and outputs must be bound. */
    void run(Frame frame) {
        if (frame.meter.isPresent()) {
            measured(frame, frame.meter.get());
        } else if (FlightRecorder.isInitialized() && KernelEvent.isOn()) {
            instructions.forEach(i -> KernelEvent.run(i, frame));
        } else if (straight == null || !straight.run(frame)) {
            // an iterator would be allocated each time
            for (int i = 0; i < instructions.size(); i++) {
                instructions.get(i).run(frame);
            }
        }
    }

    private void measured(Frame frame, Meter meter) {
        for (var i : instructions) {
            var outer = meter.enter(i);
            long gained = frame.workers.gained();
            long start = System.nanoTime();
            i.run(frame);
            long nanos = System.nanoTime() - start;
            int threads = frame.workers.threads();
            long unused = (threads - 1) * nanos - (frame.workers.gained() - gained);
            meter.leave(i, nanos, Math.clamp(unused / threads, 0, nanos), outer);
        }
    }

    long temporaryBytes() {
        return temporaries.stream().mapToLong(Temporary::bytes).sum();
    }
}
