/**
 * Pictures as values. A {@link dev.fathom.lab.figure.Figure} says what is drawn: data, axes, a
 * title; {@link dev.fathom.lab.figure.Svg} draws it, for light and for dark, and {@code
 * docs/design/0005} tells why by hand.
 */
@NullMarked
package dev.fathom.lab.figure;

import org.jspecify.annotations.NullMarked;
