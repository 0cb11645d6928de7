/** What several studies need: images as rows of numbers, and a plain training loop. */
@NullMarked
package dev.fathom.lab.studies.support;

import org.jspecify.annotations.NullMarked;
