/**
 * Listeners that most runs want: {@link dev.fathom.train.listener.ProgressBar}, {@link
 * dev.fathom.train.listener.EarlyStopping}, {@link dev.fathom.train.listener.CheckpointListener},
 * {@link dev.fathom.train.listener.HistoryWriter}. They write to what they are given; nothing here
 * knows a console.
 */
@NullMarked
package dev.fathom.train.listener;

import org.jspecify.annotations.NullMarked;
