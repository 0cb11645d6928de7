/**
 * The {@code fathom} command: training, evaluation, prediction and a look at data, runs and this
 * machine, from a terminal.
 */
module dev.fathom.cli {
    requires dev.fathom.core;
    requires dev.fathom.cpu;
    requires dev.fathom.data;
    requires dev.fathom.io;
    requires dev.fathom.lab;
    requires dev.fathom.nn;
    requires dev.fathom.optim;
    requires dev.fathom.train;
    requires static org.jspecify;
    requires info.picocli;
    requires java.desktop;
    requires java.management;
    requires jdk.jshell;
    requires jdk.management;

    exports dev.fathom.cli;

    opens dev.fathom.cli.command to
            info.picocli;
    opens dev.fathom.cli.run to
            tools.jackson.databind;
}
