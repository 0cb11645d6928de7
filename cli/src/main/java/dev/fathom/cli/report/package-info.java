/**
 * One HTML page about a run, made from plain values: {@link dev.fathom.cli.report.Report} says what
 * there is to tell and {@link dev.fathom.cli.report.Page} how it looks.
 *
 * <p>The page is one file: style, script, charting library and images are inside it, so that it
 * opens from a folder, without a network, in ten years. The curves are drawn by uPlot (MIT licence,
 * inlined with its notice); everything else is HTML, and stays readable without a script.
 */
@NullMarked
package dev.fathom.cli.report;

import org.jspecify.annotations.NullMarked;
