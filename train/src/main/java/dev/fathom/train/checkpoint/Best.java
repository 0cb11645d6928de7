package dev.fathom.train.checkpoint;

/**
 * The best model so far.
 *
 * @param model as it was then
 * @param epoch at the end of which epoch, from 1
 */
public record Best<M>(M model, int epoch) {}
