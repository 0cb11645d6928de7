/**
 * The safetensors format: named tensors in one file, readable by every framework.
 *
 * <pre>
 * 8 bytes   length N of the header, little-endian
 * N bytes   JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...,
 *                  "__metadata__": {"key": "text", ...}}, padded with spaces
 * the rest  the elements, little-endian, row-major, without gaps
 * </pre>
 *
 * <p>{@link dev.fathom.io.safetensors.SafeTensors} reads and writes maps of tensors, {@link
 * dev.fathom.io.safetensors.TreeFiles} whole models:
 *
 * <pre>{@code
 * TreeFiles.save(Path.of("model.safetensors"), model, Map.of("dataset", "digits"));
 * var again = TreeFiles.load(Path.of("model.safetensors"), Mlp.of(shape, 10, Key.of(0)));
 * }</pre>
 *
 * <p>Files written here carry a CRC-32C of everything in them as a piece of metadata, which other
 * readers ignore and ours checks: a changed byte anywhere in the file is found.
 */
@NullMarked
package dev.fathom.io.safetensors;

import org.jspecify.annotations.NullMarked;
