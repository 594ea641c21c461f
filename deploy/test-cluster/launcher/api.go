package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const requestTimeout = 5 * time.Second

// api sends the launcher's requests to the API server and etcd.
type api struct {
	cluster *cluster
	client  *http.Client
}

func newAPI(c *cluster) *api {
	pool := x509.NewCertPool()
	pool.AddCert(c.ca.certificate)
	return &api{c, &http.Client{
		Timeout:   requestTimeout,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}},
	}}
}

func (a *api) get(path string) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, a.cluster.server()+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+a.cluster.token)
	return a.do(request)
}

func (a *api) do(request *http.Request) ([]byte, error) {
	response, err := a.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", request.URL.Path, response.Status, body)
	}
	return body, err
}

func (a *api) ready() error {
	_, err := a.get("/readyz")
	return err
}

// hasDefaultServiceAccount succeeds if the controller manager works, because it creates a service account in every
// namespace.
func (a *api) hasDefaultServiceAccount() error {
	_, err := a.get("/api/v1/namespaces/default/serviceaccounts/default")
	return err
}

func (a *api) version() (string, error) {
	body, err := a.get("/version")
	if err != nil {
		return "", err
	}
	var version struct {
		GitVersion string `json:"gitVersion"`
	}
	err = json.Unmarshal(body, &version)
	return version.GitVersion, err
}

// compact removes all but the newest revision from etcd, so that older resource versions expire.
func (a *api) compact() error {
	var newest struct {
		Header struct {
			Revision string `json:"revision"`
		} `json:"header"`
	}
	body, err := a.etcd("/v3/kv/range", map[string]string{"key": "AA=="})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, &newest); err != nil {
		return err
	}
	_, err = a.etcd("/v3/kv/compaction", map[string]string{"revision": newest.Header.Revision})
	return err
}

func (a *api) etcd(path string, message any) ([]byte, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodPost, a.cluster.etcd()+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return a.do(request)
}
