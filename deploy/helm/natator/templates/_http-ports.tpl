{{/*
The HTTP port of a service's pods. The argument is the service's name. The value topology.service.port sets the port of the Service,
and does not change the port of the pods.
*/}}
{{- define "natator.port" -}}
{{- get (dict "collector" "7118" "enricher" "7119" "topology" "7117") . -}}
{{- end -}}
