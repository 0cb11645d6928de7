/**
 * The rules that hold the whole tree together, read off the compiled classes and the sources of
 * every module: which module may use which, where vector code may stand, how long a file may be.
 * They live in the last module of the build, so that everything they look at has been compiled
 * before them.
 */
@NullMarked
package dev.fathom.examples.architecture;

import org.jspecify.annotations.NullMarked;
