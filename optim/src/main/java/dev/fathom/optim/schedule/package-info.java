/**
 * Numbers that change with the step, mostly learning rates. A {@link
 * dev.fathom.optim.schedule.Schedule} is a function of the step counter, a tensor, so the same
 * compiled step serves the whole training.
 */
@NullMarked
package dev.fathom.optim.schedule;

import org.jspecify.annotations.NullMarked;
