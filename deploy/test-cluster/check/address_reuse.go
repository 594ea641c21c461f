package main

import (
	"net/netip"
	"os"
	"path/filepath"
)

// reserveAddress makes an address the next one that a pod gets: host-local gives out the one after the last.
func (n *node) reserveAddress(address string) error {
	if address == "" {
		return nil
	}
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(n.addresses, "last_reserved_ip.0"), []byte(parsed.Prev().String()), 0o644)
}
