/**
 * Data sets that go by a name. {@link dev.fathom.data.catalogue.Datasets} lists, finds and loads
 * them; it never goes to the network. {@link dev.fathom.data.catalogue.DataFetcher} does, when it
 * is told to.
 *
 * <p>Small sets ship with the library; larger ones are looked for in the folders of a {@link
 * dev.fathom.data.catalogue.DataHome} and checked against the SHA-256 of their decompressed files,
 * so that two people who write {@code fashion-mnist} mean the same bytes.
 *
 * <pre>{@code
 * var images = Datasets.load("fashion-mnist-small").normalised();
 * images.train().batches(128).shuffled(42);   // 6,000 examples of (28, 28, 1), mean 0, deviation 1
 * images.test().source();                     // says where they came from
 * }</pre>
 */
@NullMarked
package dev.fathom.data.catalogue;

import org.jspecify.annotations.NullMarked;
