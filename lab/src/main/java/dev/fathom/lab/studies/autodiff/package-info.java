/** What derivatives cost, and what networks can express. */
@NullMarked
package dev.fathom.lab.studies.autodiff;

import org.jspecify.annotations.NullMarked;
