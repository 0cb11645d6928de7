package dev.fathom.cpu.plan;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** The run of one instruction of a plan, for the JDK's flight recorder. */
@Name("fathom.Kernel")
@Label("Kernel")
@Category("Fathom")
@Description("One kernel call or fused region")
@StackTrace(false)
@Threshold("10 us")
final class KernelEvent extends Event {
    private static final KernelEvent ANY = new KernelEvent();

    @Label("Kernel")
    String kernel = "";

    @Label("Layer")
    String layer = "";

    @Label("Floating-point operations")
    long flop;

    @Label("Bytes")
    @DataAmount
    long bytes;

    /** Whether a recording wants these; if none does, a run makes no event at all. */
    static boolean isOn() {
        return ANY.isEnabled();
    }

    static void run(Instruction i, Frame frame) {
        var event = new KernelEvent();
        event.begin();
        i.run(frame);
        event.end();
        if (event.shouldCommit()) {
            event.kernel = i.name();
            event.layer = i.layer();
            event.flop = i.flop();
            event.bytes = i.bytes();
            event.commit();
        }
    }
}
