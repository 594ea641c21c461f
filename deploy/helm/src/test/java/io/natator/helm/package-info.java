/** Tests the chart, dashboards and alerts with Helm, Kubernetes' model, Kafka's clients and Prometheus. */
@NullMarked
package io.natator.helm;

import org.jspecify.annotations.NullMarked;
