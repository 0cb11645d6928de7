/**
 * Tables with numbers, categories and blanks as examples that a network can take.
 *
 * <p>Which column is what is inferred from the file by {@link dev.fathom.data.read.Csv}. Everything
 * that is measured, such as the number that stands for a blank, is measured by {@link
 * dev.fathom.data.table.TableEncoder} on the training rows only. The encoder is a record of plain
 * values; saved beside the model, it treats new rows as it treated those of the training.
 *
 * <pre>{@code
 * var table = Csv.read(Path.of("penguins.csv"));
 * var parts = table.rowNumbers("Species").splitStratified(0.2, 42);
 * var encoder = TableEncoder.fit(table, parts.train(), "Species");
 * var train = encoder.dataset(table, parts.train());
 * var validation = encoder.dataset(table, parts.validation());
 * }</pre>
 */
@NullMarked
package dev.fathom.data.table;

import org.jspecify.annotations.NullMarked;
