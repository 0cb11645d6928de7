package dev.fathom.lab.study;

/**
 * One number of one seed.
 *
 * @param value what was measured
 * @param error its standard error, NaN where it has none
 * @param oracle what it should be, where only the run itself can tell; NaN elsewhere
 */
public record Measurement(double value, double error, double oracle) {}
