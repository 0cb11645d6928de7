/**
 * From options to a trained model and back. {@link dev.fathom.cli.run.Recipe} holds every default,
 * {@link dev.fathom.cli.run.DataSource} finds the examples, and a folder keeps what came out.
 */
@NullMarked
package dev.fathom.cli.run;

import org.jspecify.annotations.NullMarked;
