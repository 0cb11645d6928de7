/**
 * The threads of the CPU engine, and the memory they work in.
 *
 * <p>A step of training is a few dozen parallel loops of some tens of microseconds each, so what
 * counts is the cost of handing a loop over. {@link dev.fathom.cpu.workers.Workers} divides the
 * indices of a loop over its threads, lets the caller work too, lets whoever is done help the
 * others, spins briefly at both ends and then parks: a hand-off between awake threads costs well
 * under a microsecond, and an idle pool costs nothing.
 *
 * {@snippet :
 * Workers workers = Workers.shared();
 * float[] x = new float[1_000_000];
 * workers.runRange(x.length, 4096, (from, to) -> {
 *     for (int i = from; i < to; i++) {
 *         x[i] = i;
 *     }
 * });
 * }
 *
 * <p>Numbers computed here are the same on any number of threads. That is a promise of the loop
 * bodies, which the pool helps to keep: the chunks of {@code runRange} depend on the length and the
 * grain only, and a body is never told how many threads there are. A reduction is therefore a loop
 * over fixed chunks followed by a sum of the partial results in their order.
 *
 * <p>{@link dev.fathom.cpu.workers.Scratch} holds the buffers that kernels pack their operands
 * into. They grow to the size of the largest request and are then used again, so a step that has
 * run once allocates nothing.
 */
@NullMarked
package dev.fathom.cpu.workers;

import org.jspecify.annotations.NullMarked;
