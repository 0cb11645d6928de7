/**
 * Speed, measured side by side with other frameworks: workloads, the process that runs one, and the
 * harness that starts such processes in turn and compares them.
 */
module dev.fathom.bench {
    requires dev.fathom.core;
    requires dev.fathom.cpu;
    requires dev.fathom.data;
    requires dev.fathom.io;
    requires dev.fathom.nn;
    requires dev.fathom.optim;
    requires info.picocli;
    requires java.management;
    requires static org.jspecify;

    exports dev.fathom.bench.measure;

    opens dev.fathom.bench to
            info.picocli,
            tools.jackson.databind;
    opens dev.fathom.bench.measure to
            tools.jackson.databind;
    opens dev.fathom.bench.harness to
            tools.jackson.databind;
    opens dev.fathom.bench.workload to
            dev.fathom.core;
}
