/**
 * The subcommands, one class each. A command reads its options, refuses what contradicts itself,
 * and drives the packages beside it; it computes nothing.
 */
@NullMarked
package dev.fathom.cli.command;

import org.jspecify.annotations.NullMarked;
