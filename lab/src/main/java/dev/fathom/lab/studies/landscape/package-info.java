/** The shape of the loss, and what regularisation does to it. */
@NullMarked
package dev.fathom.lab.studies.landscape;

import org.jspecify.annotations.NullMarked;
