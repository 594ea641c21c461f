/** Holds the chart, the dashboards and the alerts against Helm, Kubernetes' model, Kafka's clients and Prometheus. */
@NullMarked
package io.natator.helm;

import org.jspecify.annotations.NullMarked;
