/**
 * How sure a measured number is: {@link dev.fathom.train.validation.CrossValidation} trains on
 * several splits, {@link dev.fathom.train.validation.Bootstrap} draws the test examples again, and
 * {@link dev.fathom.train.validation.LeaveOneOut} is exact where a closed form exists.
 */
@NullMarked
package dev.fathom.train.validation;

import org.jspecify.annotations.NullMarked;
