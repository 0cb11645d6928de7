/**
 * What layers check about their inputs and parameters, and what they say when it does not fit; used
 * by all packages of layers and not exported.
 */
@NullMarked
package dev.fathom.nn.check;

import org.jspecify.annotations.NullMarked;
