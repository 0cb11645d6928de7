/**
 * Opening files: plain or gzip by their first two bytes, hashed while they are read, with the
 * system's errors turned into named ones. Used by the readers; not exported.
 */
@NullMarked
package dev.fathom.data.file;

import org.jspecify.annotations.NullMarked;
