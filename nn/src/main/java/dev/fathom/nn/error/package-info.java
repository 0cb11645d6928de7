/**
 * The errors of layers that are not about shapes or dtypes: numbers that make no layer, a pass used
 * wrongly.
 */
@NullMarked
package dev.fathom.nn.error;

import org.jspecify.annotations.NullMarked;
