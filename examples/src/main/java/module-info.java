/** Single files to read from top to bottom. Each prints the number it reaches. */
module dev.fathom.examples {
    requires dev.fathom.core;
    requires dev.fathom.data;
    requires dev.fathom.io;
    requires dev.fathom.lab;
    requires dev.fathom.nn;
    requires dev.fathom.optim;
    requires dev.fathom.train;
    requires static org.jspecify;

    exports dev.fathom.examples;

    opens dev.fathom.examples to
            dev.fathom.core;
}
