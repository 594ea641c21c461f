{{/* The metadata of a pod template. The argument is {root, name, values}. */}}
{{- define "natator.pod.metadata" -}}
labels:
  {{- include "natator.selectorLabels" . | nindent 2 }}
  {{- with .root.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  # If a setting changes, this annotation changes too, which restarts the pods.
  checksum/settings: {{ include "natator.settings" .root | sha256sum }}
  {{- if eq .root.Values.monitoring.scrape "annotations" }}
  prometheus.io/scrape: "true"
  prometheus.io/port: {{ include "natator.port" .name | quote }}
  prometheus.io/path: /metrics
  {{- if .root.Values.http.tls.secretName }}
  prometheus.io/scheme: https
  {{- end }}
  {{- end }}
  {{- if and (eq .name "topology") .values.cidrNames }}
  checksum/cidr-names: {{ toYaml .values.cidrNames | sha256sum }}
  {{- end }}
  {{- with .values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* The contents of all ConfigMaps that the services read. The argument is the root. */}}
{{- define "natator.settings" -}}
NATATOR_BOOTSTRAP_SERVERS: {{ required "kafka.bootstrapServers is not set: give host:port of your Kafka, several with commas" .Values.kafka.bootstrapServers | quote }}
NATATOR_TOPIC_PREFIX: {{ .Values.kafka.topicPrefix | quote }}
NATATOR_PARTITIONS: {{ .Values.kafka.partitions | quote }}
{{- with .Values.clusterName }}
NATATOR_CLUSTER_NAME: {{ . | quote }}
{{- end }}
{{- with .Values.schemaRegistry.url }}
NATATOR_SCHEMA_REGISTRY_URL: {{ . | quote }}
{{- end }}
{{- if .Values.http.tls.secretName }}
NATATOR_HTTP_TLS_CERTIFICATE: /etc/natator/http/tls.crt
NATATOR_HTTP_TLS_KEY: /etc/natator/http/tls.key
{{- end }}
{{- if .Values.http.clientCa.secretName }}
NATATOR_HTTP_CLIENT_CA: /etc/natator/http/client-ca.crt
{{- end }}
{{- if .Values.http.token.secretName }}
NATATOR_HTTP_TOKEN_FILE: /etc/natator/http/token
{{- end }}
{{- with .Values.http.allowedHosts }}
NATATOR_HTTP_ALLOWED_HOSTS: {{ join "," . | quote }}
{{- end }}
{{- if include "natator.kafka.hasProperties" . }}
client.properties: |
  {{- include "natator.kafka.properties" . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The fields that decide on which nodes the pods can run. The argument is {root, name, values}. */}}
{{- define "natator.pod.placement" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "natator.pod.spread" -}}
topologySpreadConstraints:
  - topologyKey: topology.kubernetes.io/zone
    maxSkew: 1
    whenUnsatisfiable: {{ .values.topologySpread.zones }}
    labelSelector:
      matchLabels:
        {{- include "natator.selectorLabels" . | nindent 8 }}
  - topologyKey: kubernetes.io/hostname
    maxSkew: 1
    whenUnsatisfiable: {{ .values.topologySpread.nodes }}
    labelSelector:
      matchLabels:
        {{- include "natator.selectorLabels" . | nindent 8 }}
{{- end -}}

{{/* The security context of pods that do not need access to the node. 65532 is the user 'nonroot' of distroless images. */}}
{{- define "natator.pod.restricted" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "natator.container.restricted" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{- define "natator.probe" -}}
port: http
{{- if .Values.http.tls.secretName }}
scheme: HTTPS
{{- end }}
{{- end -}}

{{/* "true" if the HTTP server reads files from Secrets. */}}
{{- define "natator.http.files" -}}
{{- $http := .Values.http -}}
{{- if or $http.tls.secretName $http.clientCa.secretName $http.token.secretName }}true{{ end -}}
{{- end -}}

{{/* The fields that the containers of all three services share. The argument is {root, name, values, args, env}. */}}
{{- define "natator.container.common" -}}
image: {{ include "natator.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{- $args := .args }}
{{- if include "natator.kafka.hasProperties" .root }}
{{- $args = append $args "--kafka-config=/etc/natator/kafka/config/client.properties" }}
{{- end }}
{{- range $name, $value := .values.options }}
{{- $args = append $args (printf "--%s=%s" $name (toString $value)) }}
{{- end }}
{{- with $args }}
args:
  {{- toYaml . | nindent 2 }}
{{- end }}
envFrom:
  - configMapRef:
      name: {{ include "natator.fullname" .root }}-settings
env:
  {{- $tokenUrl := include "natator.kafka.tokenUrl" .root }}
  {{- $allowed := ternary (printf "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=%s" $tokenUrl) "" (ne $tokenUrl "") }}
  # The image's options come first, so that the options in the values override them.
  - name: JDK_JAVA_OPTIONS
    value: {{ trim (printf "@/opt/natator/jvm.options %s %s" .values.javaOptions $allowed) | quote }}
  {{- with .env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports:
  - name: http
    containerPort: {{ include "natator.port" .name }}
livenessProbe:
  httpGet:
    path: /healthz
    {{- include "natator.probe" .root | nindent 4 }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    {{- include "natator.probe" .root | nindent 4 }}
  periodSeconds: 5
  timeoutSeconds: 5
startupProbe:
  httpGet:
    path: /healthz
    {{- include "natator.probe" .root | nindent 4 }}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 60
resources:
  {{- toYaml .values.resources | nindent 2 }}
{{- end -}}

{{- define "natator.container.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if include "natator.kafka.hasProperties" .root }}
- name: kafka-config
  mountPath: /etc/natator/kafka/config
  readOnly: true
{{- end }}
{{- if and (include "natator.kafka.tls" .root) .root.Values.kafka.security.tls.trustSecretName }}
- name: kafka-trust
  mountPath: /etc/natator/kafka/trust
  readOnly: true
{{- end }}
{{- if include "natator.kafka.credentials" .root }}
- name: kafka-credentials
  mountPath: /etc/natator/kafka/credentials
  readOnly: true
{{- end }}
{{- if include "natator.kafka.serviceAccountToken" .root }}
- name: kafka-token
  mountPath: /etc/natator/kafka/token
  readOnly: true
{{- end }}
{{- if .root.Values.schemaRegistry.secretName }}
- name: registry-credentials
  mountPath: /etc/natator/kafka/registry
  readOnly: true
{{- end }}
{{- if .root.Values.schemaRegistry.trustSecretName }}
- name: registry-trust
  mountPath: /etc/natator/kafka/registry-trust
  readOnly: true
{{- end }}
{{- if include "natator.http.files" .root }}
- name: http
  mountPath: /etc/natator/http
  readOnly: true
{{- end }}
{{- with .values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "natator.pod.volumes" -}}
# The JVM and RocksDB unpack native libraries here, because the root file system is read-only.
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- if include "natator.kafka.hasProperties" .root }}
- name: kafka-config
  configMap:
    name: {{ include "natator.fullname" .root }}-kafka-client
{{- end }}
{{- if and (include "natator.kafka.tls" .root) .root.Values.kafka.security.tls.trustSecretName }}
- name: kafka-trust
  secret:
    secretName: {{ .root.Values.kafka.security.tls.trustSecretName }}
    defaultMode: 288 # 0440
{{- end }}
{{- if include "natator.kafka.credentials" .root }}
- name: kafka-credentials
  secret:
    secretName: {{ include "natator.kafka.secretName" . }}
    defaultMode: 288 # 0440
{{- end }}
{{- if include "natator.kafka.serviceAccountToken" .root }}
- name: kafka-token
  projected:
    defaultMode: 288 # 0440
    sources:
      - serviceAccountToken:
          path: token
          audience: {{ .root.Values.kafka.security.sasl.oauth.serviceAccountToken.audience | quote }}
          expirationSeconds: {{ .root.Values.kafka.security.sasl.oauth.serviceAccountToken.expirationSeconds | int64 }}
{{- end }}
{{- with .root.Values.schemaRegistry.secretName }}
- name: registry-credentials
  secret:
    secretName: {{ . }}
    defaultMode: 288 # 0440
{{- end }}
{{- with .root.Values.schemaRegistry.trustSecretName }}
- name: registry-trust
  secret:
    secretName: {{ . }}
    defaultMode: 288 # 0440
{{- end }}
{{- if include "natator.http.files" .root }}
{{- $http := .root.Values.http }}
- name: http
  projected:
    defaultMode: 288 # 0440
    sources:
      {{- with $http.tls }}
      {{- if .secretName }}
      - secret:
          name: {{ .secretName }}
          items:
            - key: {{ .certificateKey }}
              path: tls.crt
            - key: {{ .privateKeyKey }}
              path: tls.key
      {{- end }}
      {{- end }}
      {{- with $http.clientCa }}
      {{- if .secretName }}
      - secret:
          name: {{ .secretName }}
          items:
            - key: {{ .key }}
              path: client-ca.crt
      {{- end }}
      {{- end }}
      {{- with $http.token }}
      {{- if .secretName }}
      - secret:
          name: {{ .secretName }}
          items:
            - key: {{ .key }}
              path: token
      {{- end }}
      {{- end }}
{{- end }}
{{- with .values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
