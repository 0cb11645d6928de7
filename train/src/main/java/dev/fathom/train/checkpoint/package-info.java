/**
 * Everything a run needs to go on as if nothing had happened, in one file.
 *
 * <p>A {@link dev.fathom.train.checkpoint.Checkpoint} is a value: parameters, optimizer state, key,
 * step counter, the place in the data, the sums of the running epoch, the history, and the best
 * model so far. {@link dev.fathom.train.checkpoint.Checkpoints} keeps them as numbered safetensors
 * files. A run killed at any moment and resumed ends with the same bits as one that was left alone,
 * because nothing else has a memory: batches are a function of (seed, epoch, index), random numbers
 * of (key, step), and listeners decide by the history.
 */
@NullMarked
package dev.fathom.train.checkpoint;

import org.jspecify.annotations.NullMarked;
