package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Graph;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The making of a plan for a program of more than one line, for the JDK's flight recorder. */
@Name("fathom.Compile")
@Label("Compile")
@Category("Fathom")
@Description("A recorded program is turned into a plan")
@StackTrace(false)
final class CompileEvent extends Event {
    @Label("Lines recorded")
    int lines;

    @Label("Instructions")
    int instructions;

    @Label("Temporary memory")
    @DataAmount
    long temporaryBytes;

    static Plan plan(Graph graph, boolean[] donated) {
        var event = new CompileEvent();
        event.begin();
        var plan = Planner.plan(graph, donated);
        event.end();
        if (graph.equations().size() > 1 && event.shouldCommit()) {
            event.lines = graph.equations().size();
            event.instructions = plan.instructions().size();
            event.temporaryBytes = plan.temporaryBytes();
            event.commit();
        }
        return plan;
    }
}
