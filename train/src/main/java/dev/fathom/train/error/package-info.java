/**
 * The errors of training: settings that make no run, a checkpoint that cannot be continued, a loss
 * that is no number.
 */
@NullMarked
package dev.fathom.train.error;

import org.jspecify.annotations.NullMarked;
