/**
 * What can be wrong with data: it is not there, cannot be read, is damaged, is not what its name
 * promises, or could not be fetched. One unchecked type each, under {@link
 * dev.fathom.data.error.DataException}; every message names the file and says what to do.
 *
 * <pre>
 * train-images-idx3-ubyte.gz: the header promises 47040016 bytes but the file ends after 1048576;
 * it was cut short, fetch it again
 * </pre>
 */
@NullMarked
package dev.fathom.data.error;

import org.jspecify.annotations.NullMarked;
