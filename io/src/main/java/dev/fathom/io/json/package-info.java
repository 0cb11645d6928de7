/**
 * JSON for records: settings, environments, histories. {@link dev.fathom.io.json.Json} is one value
 * in one text, {@link dev.fathom.io.json.JsonLines} one value a line, appended while a program runs
 * and readable at any moment.
 *
 * <p>The records must be public in an exported package, or in a package opened to {@code
 * tools.jackson.databind}.
 */
@NullMarked
package dev.fathom.io.json;

import org.jspecify.annotations.NullMarked;
