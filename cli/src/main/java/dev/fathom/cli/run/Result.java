package dev.fathom.cli.run;

/**
 * How good a run turned out: the file {@code result.json}.
 *
 * @param metric what {@code testQuality} is: {@code accuracy}, or {@code R²} where numbers are
 *     predicted
 * @param testQuality on the test examples, at best 1
 * @param testLoss mean cross-entropy, or mean squared error of normalised numbers
 * @param epochs how many were trained
 * @param kept at the end of which of them the network was as it is kept
 * @param seconds how long the training took, measurements between epochs included
 */
public record Result(
        String metric, double testQuality, double testLoss, int epochs, int kept, double seconds) {}
