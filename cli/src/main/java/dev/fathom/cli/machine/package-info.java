/**
 * What this machine and this JVM are, for the file {@code environment.json} of a run and for {@code
 * fathom doctor}. Reading a fact never fails: what cannot be found out is called {@code unknown}.
 */
@NullMarked
package dev.fathom.cli.machine;

import org.jspecify.annotations.NullMarked;
