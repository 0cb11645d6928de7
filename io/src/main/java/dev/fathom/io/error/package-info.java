/**
 * What can go wrong with a file, told apart by what to do: {@link
 * dev.fathom.io.error.CorruptFileException} (get another copy), {@link
 * dev.fathom.io.error.UnsupportedFileException} (convert it), {@link
 * dev.fathom.io.error.TreeMismatchException} (load it into another model), {@link
 * dev.fathom.io.error.FileAccessException} (look at the disk). Every message names the file.
 */
@NullMarked
package dev.fathom.io.error;

import org.jspecify.annotations.NullMarked;
