/** What the texts print and what is meant, each put to the test. */
@NullMarked
package dev.fathom.lab.studies.errata;

import org.jspecify.annotations.NullMarked;
