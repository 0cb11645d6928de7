/**
 * The suites made from the {@linkplain dev.fathom.testkit.spec table of primitives}. {@link
 * dev.fathom.testkit.conformance.RuleChecks} checks what a primitive says about itself: types,
 * derivatives, batching and how they compose. {@link
 * dev.fathom.testkit.conformance.BackendConformance} checks what a backend computes, and is what a
 * new backend extends first.
 */
@NullMarked
package dev.fathom.testkit.conformance;

import org.jspecify.annotations.NullMarked;
