/**
 * Files that are replaced as a whole or not at all.
 *
 * <p>{@link dev.fathom.io.file.AtomicFile} writes beside the target, forces the bytes to the disk,
 * renames, and forces the folder: a process killed at any moment, and a machine that loses power,
 * leave the old file or the new one.
 */
@NullMarked
package dev.fathom.io.file;

import org.jspecify.annotations.NullMarked;
