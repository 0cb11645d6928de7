package dev.fathom.core.transform;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The recording of a function by {@code jit}, for the JDK's flight recorder. */
@Name("fathom.Trace")
@Label("Trace")
@Category("Fathom")
@Description("jit records a function: once for every structure, types and static values")
final class TraceEvent extends Event {
    @Label("Recording")
    @Description("1 for the first of this function, 2 and more for those that may surprise")
    int count;

    @Label("Reason")
    String reason = "";

    @Label("Types of the argument")
    String types = "";

    @Label("Lines recorded")
    int lines;
}
