/**
 * The {@code fathom} command. {@link dev.fathom.cli.Main} starts it; the subcommands are in {@code
 * command}, and what they drive stands in the modules below.
 *
 * <p>Exit codes: 0 for success, 1 for a failed run or bad data, 2 for a command line that asks for
 * what cannot be. An error is one line on standard error; {@code --verbose} adds the trace.
 */
@NullMarked
package dev.fathom.cli;

import org.jspecify.annotations.NullMarked;
