/** What can go wrong in the laboratory. */
@NullMarked
package dev.fathom.lab.error;

import org.jspecify.annotations.NullMarked;
