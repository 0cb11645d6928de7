/** What an instrument says when it cannot measure. */
@NullMarked
package dev.fathom.lab.instrument.error;

import org.jspecify.annotations.NullMarked;
