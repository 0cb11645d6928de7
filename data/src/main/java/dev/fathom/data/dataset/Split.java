package dev.fathom.data.dataset;

/**
 * Two parts of a data set that share no example and together hold every one.
 *
 * @param train what to learn from
 * @param validation what to choose settings with
 */
public record Split(Dataset train, Dataset validation) {}
