{{/* The HTTP port of a service's pods. The argument is the service's name. Values of a Service's own port do not change it. */}}
{{- define "natator.port" -}}
{{- get (dict "collector" "7118" "enricher" "7119" "topology" "7117") . -}}
{{- end -}}
