package dev.fathom.optim.recipe;

/** What goes round in a training loop. */
public record State<S>(Model model, S optimizer) {}
