package dev.fathom.data.catalogue;

import dev.fathom.core.tensor.Shape;

/**
 * What is known about a named data set without loading it.
 *
 * @param name what {@link Datasets#load} calls it
 * @param summary one line about what the examples are
 * @param features the shape of one example
 * @param classes number of classes
 * @param train number of training examples
 * @param test number of test examples
 * @param licence under which terms it may be used
 * @param credit whom to cite
 * @param isBuiltIn true if it ships with the library or is generated
 */
public record DatasetInfo(
        String name,
        String summary,
        Shape features,
        int classes,
        int train,
        int test,
        String licence,
        String credit,
        boolean isBuiltIn) {}
