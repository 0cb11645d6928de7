/**
 * NumPy's files: {@link dev.fathom.io.numpy.Npy} for one array, {@link dev.fathom.io.numpy.Npz} for
 * several by name.
 *
 * <pre>{@code
 * Npz.write(Path.of("batch.npz"), Map.of("x", features, "y", labels));   // np.load("batch.npz")["x"]
 * Tensor x = Npy.read(Path.of("x.npy"));                                 // np.save("x.npy", x)
 * }</pre>
 */
@NullMarked
package dev.fathom.io.numpy;

import org.jspecify.annotations.NullMarked;
