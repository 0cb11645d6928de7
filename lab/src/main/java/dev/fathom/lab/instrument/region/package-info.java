/** The linear pieces that a ReLU network cuts its inputs into, counted exactly. */
@NullMarked
package dev.fathom.lab.instrument.region;

import org.jspecify.annotations.NullMarked;
