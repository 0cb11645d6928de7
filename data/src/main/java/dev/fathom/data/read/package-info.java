/**
 * From files to data sets: {@link dev.fathom.data.read.Idx} (the format of MNIST), {@link
 * dev.fathom.data.read.Csv}, and {@link dev.fathom.data.read.ImageFolder}. Every reader takes plain
 * and gzip files alike, checks all of a file before it believes any of it, and refuses a damaged
 * one with a named error that says where the damage is.
 *
 * <pre>{@code
 * var digits  = Idx.dataset(Path.of("images-idx3-ubyte.gz"), Path.of("labels-idx1-ubyte.gz"));
 * var flowers = Csv.read(Path.of("iris.csv")).dataset();   // last column is the class
 * var pets    = ImageFolder.read(Path.of("pets"));         // pets/cat/*.jpg, pets/dog/*.jpg
 * }</pre>
 */
@NullMarked
package dev.fathom.data.read;

import org.jspecify.annotations.NullMarked;
