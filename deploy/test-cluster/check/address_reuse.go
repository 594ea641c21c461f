package main

import (
	"net/netip"
	"os"
	"path/filepath"
)

// reserveAddress lets the next pod get this address: host-local assigns the address after the last one.
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
