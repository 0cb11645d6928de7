/** What a study is: a claim, a prediction with its tolerance, an experiment, a verdict. */
@NullMarked
package dev.fathom.lab.study;

import org.jspecify.annotations.NullMarked;
