package dev.fathom.cpu.plan;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The run of a compiled program of more than one line, for the JDK's flight recorder. */
@Name("fathom.Step")
@Label("Step")
@Category("Fathom")
@Description("One run of a compiled function")
@StackTrace(false)
final class StepEvent extends Event {
    private static final StepEvent ANY = new StepEvent();

    @Label("Instructions")
    int instructions;

    @Label("Threads")
    int threads;

    /** Whether a recording wants these. */
    static boolean isOn() {
        return ANY.isEnabled();
    }

    static void run(Plan plan, Frame frame) {
        var event = new StepEvent();
        event.begin();
        plan.run(frame);
        event.end();
        if (event.shouldCommit()) {
            event.instructions = plan.instructions().size();
            event.threads = frame.workers.threads();
            event.commit();
        }
    }
}
