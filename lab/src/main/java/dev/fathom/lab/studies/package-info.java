/** The studies: {@link dev.fathom.lab.studies.Studies} lists them all. */
@NullMarked
package dev.fathom.lab.studies;

import org.jspecify.annotations.NullMarked;
