/**
 * Text for people. A {@link dev.fathom.cli.terminal.Console} knows which stream a line belongs on;
 * {@link dev.fathom.cli.terminal.Columns} and {@link dev.fathom.cli.terminal.Picture} make lines
 * out of tables and images.
 *
 * <p>Results go to standard output, errors to standard error. With {@code --json} standard output
 * belongs to the program that reads it, and everything for people goes to standard error.
 */
@NullMarked
package dev.fathom.cli.terminal;

import org.jspecify.annotations.NullMarked;
