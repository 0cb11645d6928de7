package dev.fathom.lab.figure;

/** A line between a lower and an upper one. */
public record Band(double[] x, double[] mean, double[] low, double[] high) {}
