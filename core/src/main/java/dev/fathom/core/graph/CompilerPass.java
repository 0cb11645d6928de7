package dev.fathom.core.graph;

import java.util.function.UnaryOperator;

/**
 * One rewrite of the compiler.
 *
 * @param name what it is called where programs are explained
 * @param rewrite gives a program with the same inputs, output types and results; one that it has
 *     nothing to do with it gives back as it is
 */
public record CompilerPass(String name, UnaryOperator<Graph> rewrite) {}
