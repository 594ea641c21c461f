{{/* Fails if values contradict each other, which values.schema.json cannot express. Reports all contradictions together. */}}
{{- define "natator.validate" -}}
{{- $root := . -}}
{{- $problems := list -}}
{{- $security := .Values.kafka.security -}}
{{- if include "natator.kafka.credentials" . -}}
{{- range $name := list "collector" "enricher" "topology" -}}
{{- $values := get $root.Values $name -}}
{{- if and (ne (toString $values.enabled) "false") (not (include "natator.kafka.secretName" (dict "root" $root "name" $name "values" $values))) -}}
{{- $problems = append $problems (printf "%s.kafkaSecretName: %s needs a Secret to log in to Kafka: set it, or kafka.security.secretName for all, or strimzi.users.enabled" $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $security.tls.clientCertificate (not (include "natator.kafka.tls" .)) -}}
{{- $problems = append $problems (printf "kafka.security.tls.clientCertificate: there is no TLS with protocol %s: use SSL or SASL_SSL" $security.protocol) -}}
{{- end -}}
{{- if and $security.tls.trustSecretName (not (include "natator.kafka.tls" .)) -}}
{{- $problems = append $problems (printf "kafka.security.tls.trustSecretName: there is no TLS with protocol %s: use SSL or SASL_SSL" $security.protocol) -}}
{{- end -}}
{{- if and (include "natator.kafka.sasl" .) (eq $security.sasl.mechanism "OAUTHBEARER") (not (include "natator.kafka.tokenUrl" .)) -}}
{{- $problems = append $problems "kafka.security.sasl.oauth.tokenEndpoint: OAUTHBEARER needs a token endpoint, or serviceAccountToken.enabled" -}}
{{- end -}}
{{- if ge (int .Values.topology.standbyReplicas) (int .Values.topology.replicas) -}}
{{- $problems = append $problems (printf "topology.standbyReplicas: %d copies on other instances need at least %d topology.replicas, there are %d" (int .Values.topology.standbyReplicas) (add1 (int .Values.topology.standbyReplicas)) (int .Values.topology.replicas)) -}}
{{- end -}}
{{- if gt (int .Values.topology.replicas) (int .Values.kafka.partitions) -}}
{{- $problems = append $problems (printf "topology.replicas: %d instances cannot share %d kafka.partitions: one partition is one instance's" (int .Values.topology.replicas) (int .Values.kafka.partitions)) -}}
{{- end -}}
{{- if and .Values.strimzi.users.enabled (eq .Values.strimzi.users.authentication "scram-sha-512") (include "natator.kafka.sasl" .) (ne $security.sasl.mechanism "SCRAM-SHA-512") -}}
{{- $problems = append $problems (printf "kafka.security.sasl.mechanism: the Strimzi users log in by SCRAM-SHA-512, not by %s" $security.sasl.mechanism) -}}
{{- end -}}
{{- range $name := list "collector" "enricher" "topology" -}}
{{- if hasKey (get $root.Values $name).options "kafka-config" -}}
{{- $problems = append $problems (printf "%s.options.kafka-config: use kafka.properties and kafka.security" $name) -}}
{{- end -}}
{{- if hasKey (get $root.Values $name).options "schema-registry-url" -}}
{{- $problems = append $problems (printf "%s.options.schema-registry-url: use schemaRegistry.url" $name) -}}
{{- end -}}
{{- end -}}
{{- $heartbeat := get .Values.collector.options "heartbeat-interval" -}}
{{- if ne (toString $heartbeat) (toString (get .Values.topology.options "heartbeat-interval")) -}}
{{- $problems = append $problems "topology.options.heartbeat-interval: differs from collector.options.heartbeat-interval: the topology must know how often collectors report" -}}
{{- end -}}
{{- $registry := .Values.schemaRegistry -}}
{{- if and (or $registry.secretName $registry.trustSecretName) (not $registry.url) -}}
{{- $problems = append $problems "schemaRegistry.url: is not set, and secretName or trustSecretName has no use without it" -}}
{{- end -}}
{{- if ne (not $registry.secretName) (not (or $registry.userInfoKey $registry.tokenKey)) -}}
{{- $problems = append $problems "schemaRegistry.secretName: goes with userInfoKey (user:password) or tokenKey: set both or none" -}}
{{- end -}}
{{- if and $registry.userInfoKey $registry.tokenKey -}}
{{- $problems = append $problems "schemaRegistry.tokenKey: the registry takes a token or a password, not both: leave userInfoKey or tokenKey empty" -}}
{{- end -}}
{{- if and .Values.http.clientCa.secretName (not .Values.http.tls.secretName) -}}
{{- $problems = append $problems "http.clientCa.secretName: clients show certificates over TLS only: set http.tls.secretName too" -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "\n%s" (join "\n" $problems)) -}}
{{- end -}}
{{- end -}}
