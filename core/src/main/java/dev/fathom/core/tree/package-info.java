/**
 * Records, lists, maps and optionals of tensors as one structure. {@link dev.fathom.core.tree.Tree}
 * takes such values apart and puts them together, names every leaf by its {@link
 * dev.fathom.core.tree.Path}, and does vector arithmetic on whole trees.
 */
@NullMarked
package dev.fathom.core.tree;

import org.jspecify.annotations.NullMarked;
