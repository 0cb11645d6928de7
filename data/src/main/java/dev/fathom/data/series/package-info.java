/**
 * Time series as examples: a window of past values, and the values that follow it to be predicted.
 *
 * <pre>{@code
 * var births = Series.load("us-births");
 * var data = Forecast.of(births, 28, 7, 0.2);       // four weeks give the next one
 * data.naiveError(7);                               // RMSE of "as a week ago", the one to beat
 * }</pre>
 */
@NullMarked
package dev.fathom.data.series;

import org.jspecify.annotations.NullMarked;
