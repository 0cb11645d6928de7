/** What networks learn first, and what architectures know before they learn. */
@NullMarked
package dev.fathom.lab.studies.features;

import org.jspecify.annotations.NullMarked;
