package dev.fathom.train.checkpoint;

/**
 * A place in the data.
 *
 * @param epoch epochs completed
 * @param batch batches done of the next one
 */
public record Position(int epoch, int batch) {}
