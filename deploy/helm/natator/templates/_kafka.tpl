{{/* "true" if the services connect to Kafka with TLS. */}}
{{- define "natator.kafka.tls" -}}
{{- if has .Values.kafka.security.protocol (list "SSL" "SASL_SSL") }}true{{ end -}}
{{- end -}}

{{- define "natator.kafka.sasl" -}}
{{- if hasPrefix "SASL_" .Values.kafka.security.protocol }}true{{ end -}}
{{- end -}}

{{/* "true" if the services present their service account's token to the brokers. */}}
{{- define "natator.kafka.serviceAccountToken" -}}
{{- $sasl := .Values.kafka.security.sasl -}}
{{- if and (include "natator.kafka.sasl" .) (eq $sasl.mechanism "OAUTHBEARER") $sasl.oauth.serviceAccountToken.enabled }}true{{ end -}}
{{- end -}}

{{/* "true" if the services need a Secret with credentials for Kafka. */}}
{{- define "natator.kafka.credentials" -}}
{{- $security := .Values.kafka.security -}}
{{- if and (include "natator.kafka.tls" .) $security.tls.clientCertificate -}}
true
{{- else if and (include "natator.kafka.sasl" .) (not (include "natator.kafka.serviceAccountToken" .)) -}}
true
{{- end -}}
{{- end -}}

{{/* The name of the Secret with a service's credentials for Kafka. The argument is {root, name, values}. */}}
{{- define "natator.kafka.secretName" -}}
{{- $users := .root.Values.strimzi.users.enabled | ternary (printf "%s-%s" (include "natator.fullname" .root) .name) "" -}}
{{- coalesce .values.kafkaSecretName .root.Values.kafka.security.secretName $users | default "" -}}
{{- end -}}

{{/* "true" if the services need a properties file for the Kafka clients. */}}
{{- define "natator.kafka.hasProperties" -}}
{{- $registry := .Values.schemaRegistry -}}
{{- if or (ne .Values.kafka.security.protocol "PLAINTEXT") .Values.kafka.properties $registry.secretName $registry.trustSecretName }}true{{ end -}}
{{- end -}}

{{- define "natator.kafka.jaasConfigKey" -}}
{{- $strimziScram := and .Values.strimzi.users.enabled (eq .Values.strimzi.users.authentication "scram-sha-512") -}}
{{- default ($strimziScram | ternary "sasl.jaas.config" "") .Values.kafka.security.sasl.jaasConfigKey -}}
{{- end -}}

{{/* The URL from which Kafka's client reads its OAuth token. A JVM option has to allow this URL. */}}
{{- define "natator.kafka.tokenUrl" -}}
{{- $oauth := .Values.kafka.security.sasl.oauth -}}
{{- if include "natator.kafka.serviceAccountToken" . -}}
file:///etc/natator/kafka/token/token
{{- else if and (include "natator.kafka.sasl" .) (eq .Values.kafka.security.sasl.mechanism "OAUTHBEARER") -}}
{{- $oauth.tokenEndpoint -}}
{{- end -}}
{{- end -}}

{{/* The properties file of the Kafka clients. It contains references to files of Secrets, which Kafka's config provider reads. */}}
{{- define "natator.kafka.properties" -}}
{{- $security := .Values.kafka.security -}}
{{- $sasl := $security.sasl -}}
security.protocol={{ $security.protocol }}
{{- if or (include "natator.kafka.credentials" .) .Values.schemaRegistry.secretName }}
config.providers=dir
config.providers.dir.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider
config.providers.dir.param.allowed.paths=/etc/natator/kafka
{{- end }}
{{- if include "natator.kafka.tls" . }}
{{- if $security.tls.trustSecretName }}
ssl.truststore.type=PEM
ssl.truststore.location=/etc/natator/kafka/trust/{{ $security.tls.trustKey }}
{{- end }}
{{- if not $security.tls.verifyHostname }}
ssl.endpoint.identification.algorithm=
{{- end }}
{{- if $security.tls.clientCertificate }}
ssl.keystore.type=PEM
ssl.keystore.certificate.chain=${dir:/etc/natator/kafka/credentials:{{ $security.tls.certificateKey }}}
ssl.keystore.key=${dir:/etc/natator/kafka/credentials:{{ $security.tls.privateKeyKey }}}
{{- end }}
{{- end }}
{{- if include "natator.kafka.sasl" . }}
sasl.mechanism={{ $sasl.mechanism }}
{{- if eq $sasl.mechanism "OAUTHBEARER" }}
sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler
sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
sasl.oauthbearer.token.endpoint.url={{ include "natator.kafka.tokenUrl" . }}
{{- if include "natator.kafka.serviceAccountToken" . }}
sasl.oauthbearer.jwt.retriever.class=org.apache.kafka.common.security.oauthbearer.FileJwtRetriever
{{- else }}
sasl.oauthbearer.jwt.retriever.class=org.apache.kafka.common.security.oauthbearer.ClientCredentialsJwtRetriever
sasl.oauthbearer.client.credentials.client.id=${dir:/etc/natator/kafka/credentials:{{ $sasl.oauth.clientIdKey }}}
sasl.oauthbearer.client.credentials.client.secret=${dir:/etc/natator/kafka/credentials:{{ $sasl.oauth.clientSecretKey }}}
{{- with $sasl.oauth.scope }}
sasl.oauthbearer.scope={{ . }}
{{- end }}
{{- end }}
{{- else if include "natator.kafka.jaasConfigKey" . }}
sasl.jaas.config=${dir:/etc/natator/kafka/credentials:{{ include "natator.kafka.jaasConfigKey" . }}}
{{- else }}
{{- $module := (eq $sasl.mechanism "PLAIN") | ternary "plain.PlainLoginModule" "scram.ScramLoginModule" }}
sasl.jaas.config=org.apache.kafka.common.security.{{ $module }} required username="${dir:/etc/natator/kafka/credentials:{{ $sasl.usernameKey }}}" password="${dir:/etc/natator/kafka/credentials:{{ $sasl.passwordKey }}}";
{{- end }}
{{- end }}
{{- with .Values.schemaRegistry }}
{{- if .userInfoKey }}
basic.auth.user.info=${dir:/etc/natator/kafka/registry:{{ .userInfoKey }}}
{{- else if .tokenKey }}
bearer.auth.token=${dir:/etc/natator/kafka/registry:{{ .tokenKey }}}
{{- end }}
{{- if .trustSecretName }}
schema.registry.ssl.truststore.type=PEM
schema.registry.ssl.truststore.location=/etc/natator/kafka/registry-trust/{{ .trustKey }}
{{- end }}
{{- end }}
{{- range $key, $value := .Values.kafka.properties }}
{{ $key }}={{ $value | toString | replace "\\" "\\\\" }}
{{- end }}
{{- end -}}

{{/*
The topology's application id, which is the name of its consumer group and the start of the names of its internal topics and
transactions. It contains the topic prefix, so that two installations on one Kafka cluster have different ids.
*/}}
{{- define "natator.applicationId" -}}
{{- printf "%s-topology" (.Values.kafka.topicPrefix | trimAll "._-" | default "natator") -}}
{{- end -}}
