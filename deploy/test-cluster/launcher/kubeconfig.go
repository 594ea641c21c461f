package main

import (
	"encoding/base64"
	"fmt"
	"os"
)

const kubeconfigText = `apiVersion: v1
kind: Config
current-context: natator-test
contexts:
- name: natator-test
  context: {cluster: natator-test, user: natator-test}
clusters:
- name: natator-test
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: natator-test
  user:
    client-certificate-data: %s
    client-key-data: %s
`

// writeKubeconfig writes a kubeconfig that contains the certificates.
func writeKubeconfig(path, server, ca string, client pair) error {
	var data []any
	for _, file := range []string{ca, client.certificate, client.key} {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		data = append(data, base64.StdEncoding.EncodeToString(text))
	}
	return os.WriteFile(path, fmt.Appendf(nil, kubeconfigText, append([]any{server}, data...)...), 0o600)
}
