/**
 * What a run remembers of its epochs, as plain numbers: {@link
 * dev.fathom.train.history.EpochRecord} is one line of {@code history.jsonl}, {@link
 * dev.fathom.train.history.Monitor} picks the number that decides which epoch was best.
 */
@NullMarked
package dev.fathom.train.history;

import org.jspecify.annotations.NullMarked;
