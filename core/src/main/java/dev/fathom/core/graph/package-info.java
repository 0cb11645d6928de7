/**
 * The recorded program. A {@link dev.fathom.core.graph.Graph} is a typed straight-line list of
 * {@link dev.fathom.core.graph.Equation}s: printable, verifiable, comparable, a value. {@link
 * dev.fathom.core.graph.Recorder} is the interpreter that writes one; loops and branches are single
 * equations that hold programs of their own.
 */
@NullMarked
package dev.fathom.core.graph;

import org.jspecify.annotations.NullMarked;
