/**
 * What the commands refuse. A {@link dev.fathom.cli.error.UsageException} is the caller's to put
 * right and ends the program with 2; everything else that a command throws ends it with 1. Both
 * become one line on standard error.
 */
@NullMarked
package dev.fathom.cli.error;

import org.jspecify.annotations.NullMarked;
