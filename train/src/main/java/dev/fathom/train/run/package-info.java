/**
 * The folder a run leaves behind: what was asked for, on what machine, what came out.
 *
 * <pre>
 * config.json          the settings, as the program that made the run understands them
 * environment.json     Java, machine, seed, data and its checksum: {@link dev.fathom.train.run.Environment}
 * history.jsonl        one {@link dev.fathom.train.history.EpochRecord} a line; history.csv the same as a table
 * model.safetensors    the best model
 * checkpoints/         to go on from
 * report.html          for people
 * </pre>
 */
@NullMarked
package dev.fathom.train.run;

import org.jspecify.annotations.NullMarked;
