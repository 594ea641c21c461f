package main

import (
	"net/netip"
	"os"
	"path/filepath"
)

// reserveAddress makes the next pod get this address. The CNI plugin host-local assigns the address that follows the
// last assigned one, so this function changes the record of the last assigned address.
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
