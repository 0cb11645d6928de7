/** How fast descent is, and where it goes. */
@NullMarked
package dev.fathom.lab.studies.optimisation;

import org.jspecify.annotations.NullMarked;
